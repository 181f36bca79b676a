"""Events about resources: one object for each event, counted up when it happens again.

An event is for people. That it could not be recorded is logged, and never stops anything else.
"""

import contextlib
import hashlib
import logging
from datetime import UTC, datetime

from mover.controller.kube.api_errors import ApiError, ConflictError, NotFoundError
from mover.controller.kube.client import Api
from mover.controller.kube.kinds import EVENT, KubernetesObject
from mover.controller.kube.writes import Event

log = logging.getLogger(__name__)

COMPONENT = "restic-mover"
"""Who reports the events: the column ``From`` of ``kubectl describe``."""

LONGEST_MESSAGE_BYTES = 1000
"""A little less than the 1024 that Kubernetes accepts."""

LONGEST_NAME_PREFIX = 200
"""Characters of the resource's name in the event's; 253 are allowed with the digest."""

MOST_REMEMBERED = 10_000
"""Events whose count is kept. The API server drops them after an hour."""


class EventRecorder:
    """Records events; safe to use from several threads, each for other resources."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._counts: dict[str, int] = {}
        """How often each event was recorded, by its name: saves a request each time."""

    def record(self, resource: KubernetesObject, event: Event) -> None:
        """Create the event, or count it up if it happened before."""
        body = _body(resource, event, datetime.now(UTC))
        name = body["metadata"]["name"]
        try:
            stored = self._count_up(body) or self._create(body)
        except ApiError as error:
            self._counts.pop(name, None)
            log.warning("event %s could not be recorded: %s", event.reason, error)
            return
        self._counts[name] = int(stored.get("count") or 1)
        if len(self._counts) > MOST_REMEMBERED:
            del self._counts[next(iter(self._counts))]

    def _count_up(self, body: KubernetesObject) -> KubernetesObject | None:
        """Count up an event that this recorder knows; None if it does not, or if the event has expired."""
        name, namespace = body["metadata"]["name"], body["metadata"]["namespace"]
        if name not in self._counts:
            return None
        more = {"count": self._counts[name] + 1, "lastTimestamp": body["lastTimestamp"]}
        with contextlib.suppress(NotFoundError):
            return self._api.patch(EVENT, namespace, name, more)
        return None

    def _create(self, body: KubernetesObject) -> KubernetesObject:
        name, namespace = body["metadata"]["name"], body["metadata"]["namespace"]
        try:
            return self._api.create(EVENT, body)
        except ConflictError:
            # Recorded by an earlier process of the controller.
            count = int(self._api.get(EVENT, namespace, name).get("count") or 1)
            more = {"count": count + 1, "lastTimestamp": body["lastTimestamp"]}
            return self._api.patch(EVENT, namespace, name, more)


def _body(resource: KubernetesObject, event: Event, now: datetime) -> KubernetesObject:
    """Return an event whose name follows from what it says: the same event is the same object."""
    metadata = resource["metadata"]
    identity = "\0".join((metadata["uid"], event.type, event.reason, event.message))
    digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
    prefix = metadata["name"][:LONGEST_NAME_PREFIX].rstrip("-.")
    time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "metadata": {"name": f"{prefix}.{digest}", "namespace": metadata["namespace"]},
        "involvedObject": {
            **{field: resource[field] for field in ("apiVersion", "kind")},
            **{field: metadata[field] for field in ("name", "namespace", "uid", "resourceVersion")},
        },
        "type": event.type,
        "reason": event.reason,
        "message": event.message.encode()[:LONGEST_MESSAGE_BYTES].decode(errors="ignore"),
        "source": {"component": COMPONENT},
        "firstTimestamp": time,
        "lastTimestamp": time,
        "count": 1,
    }
