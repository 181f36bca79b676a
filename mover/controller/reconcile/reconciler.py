"""One resource, once: observe, decide, write, and say what and why."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mover.controller.kube import kinds
from mover.controller.kube.api_errors import ApiError, ConflictError, NotFoundError, RefusedError
from mover.controller.kube.client import Api
from mover.controller.kube.kinds import Kind, KubernetesObject
from mover.controller.reconcile.cluster_cache import ClusterCache, ResourceKey
from mover.controller.reconcile.decision import Create, Decision, Delete, Event, Patch, PatchStatus, Write
from mover.controller.resources.observed import Observed

log = logging.getLogger(__name__)

REPORTER = "restic-mover"
LONGEST_MESSAGE = 1000
"""Characters of an event's message; Kubernetes takes 1024 bytes."""


MOST_EVENTS = 10_000
"""That are remembered. Kubernetes forgets them after an hour."""

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=10)
"""How long what the API server refused is not tried again: nobody tells when a quota or a policy changes."""


@dataclass(frozen=True)
class Refusal:
    """What the API server refused, for one generation of the resource, and when it is worth another try."""

    sentence: str
    generation: int
    retry_at: datetime
    after: timedelta


class Reconciler:
    """Brings one resource a step further; all it knows from one time to the next is what it said and was told."""

    def __init__(self, api: Api, view: ClusterCache, decide: Callable[[Observed], Decision]) -> None:
        self._api = api
        self._view = view
        self._decide = decide
        self._said: dict[ResourceKey, str] = {}
        self._refusals: dict[ResourceKey, Refusal] = {}
        self._told: dict[str, int] = {}
        """How often each event was told, by its name: saves asking the API server."""

    def reconcile(self, key: ResourceKey) -> datetime | None:
        """Do what is to be done about a resource now, and return when to look again even if nothing changes.

        Raises:
            ApiError: a write had no success, and those after it were not tried.
        """
        now = datetime.now(UTC)
        observed = self._view.observe(key, now)
        if observed is None:
            self._said.pop(key, None)
            self._refusals.pop(key, None)
            return None
        refusal = self._refusals.get(key)
        refused = refusal is not None and now < refusal.retry_at and refusal.generation == _generation(observed)
        if refusal and refused:
            observed = replace(observed, refusal=refusal.sentence)
        decision = self._decide(observed)
        if self._said.get(key) != decision.sentence:
            log.info(decision.sentence)
            self._said[key] = decision.sentence
        try:
            for write in decision.writes:
                self._write(key, observed.resource, write)
        except RefusedError as error:
            self._remember(key, _generation(observed), str(error), now)
            raise
        if refusal and refused:
            return min(filter(None, (decision.requeue_at, refusal.retry_at)))
        self._refusals.pop(key, None)
        return decision.requeue_at

    def _remember(self, key: ResourceKey, generation: int, sentence: str, now: datetime) -> None:
        known = self._refusals.get(key)
        again = known is not None and known.generation == generation
        after = min(known.after * 2, LONGEST_RETRY) if known and again else FIRST_RETRY
        self._refusals[key] = Refusal(sentence, generation, now + after, after)

    def _write(self, key: ResourceKey, resource: KubernetesObject, write: Write) -> None:
        """Do one write, and store the answer: the next look at the resource must not miss it."""
        match write:
            case Create(kind, body):
                self._store(kind, self._api.create(kind, body))
                log.info("created %s %s", kind, write.name)
            case Patch(kind, name, body):
                self._store(kind, self._api.patch(kind, key.namespace, name, body))
                log.info("changed %s %s", kind, name)
            case PatchStatus(body):
                self._store(key.kind, self._api.patch(key.kind, key.namespace, key.name, body, "status"))
            case Delete(kind, name, uid):
                self._delete(kind, key.namespace, name, uid)
            case Event():
                self._tell(resource, write)

    def _store(self, kind: Kind, answer: KubernetesObject) -> None:
        self._view.stores[kind].put(answer)

    def _delete(self, kind: Kind, namespace: str, name: str, uid: str) -> None:
        store = self._view.stores[kind]
        try:
            left = self._api.delete(kind, namespace, name, uid)
        except NotFoundError:
            left = {}
        except ConflictError:
            # Another object has the name now: ours has gone.
            left = {}
        log.info("deleted %s %s", kind, name)
        if (left.get("metadata") or {}).get("deletionTimestamp") and _is_held(left):
            store.put(left)
        else:
            store.remove({"metadata": {"namespace": namespace, "name": name, "uid": uid}})

    def _tell(self, resource: KubernetesObject, event: Event) -> None:
        """Tell an event, or that it happened once more."""
        body = _event(resource, event, datetime.now(UTC))
        namespace, name = body["metadata"]["namespace"], body["metadata"]["name"]
        try:
            try:
                if name not in self._told:
                    self._count(name, self._api.create(kinds.EVENT, body))
                    return
            except ConflictError:
                self._count(name, self._api.get(kinds.EVENT, namespace, name))
            again = {"count": self._told[name] + 1, "lastTimestamp": body["lastTimestamp"]}
            self._count(name, self._api.patch(kinds.EVENT, namespace, name, again))
        except ApiError as error:
            self._told.pop(name, None)
            log.warning("the event %s could not be told: %s", event.reason, error)

    def _count(self, name: str, told: KubernetesObject) -> None:
        self._told[name] = int(told.get("count") or 1)
        if len(self._told) > MOST_EVENTS:
            del self._told[next(iter(self._told))]


def _generation(observed: Observed) -> int:
    return int(observed.resource["metadata"].get("generation") or 0)


def _is_held(item: KubernetesObject) -> bool:
    """Whether an object that is being deleted stays for a while: for its finalizers, or a pod for its grace period."""
    metadata = item["metadata"]
    return bool(metadata.get("finalizers") or metadata.get("deletionGracePeriodSeconds"))


def _event(resource: KubernetesObject, event: Event, now: datetime) -> KubernetesObject:
    """Return an event that is one object however often it is told."""
    metadata = resource["metadata"]
    said = "\0".join((metadata["uid"], event.type, event.reason, event.message))
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "metadata": {"name": f"{metadata['name'][:200].rstrip('-.')}.{digest}", "namespace": metadata["namespace"]},
        "involvedObject": {
            **{field: resource[field] for field in ("apiVersion", "kind")},
            **{field: metadata[field] for field in ("name", "namespace", "uid", "resourceVersion")},
        },
        "type": event.type,
        "reason": event.reason,
        "message": event.message.encode()[:LONGEST_MESSAGE].decode(errors="ignore"),
        "source": {"component": REPORTER},
        "firstTimestamp": time,
        "lastTimestamp": time,
        "count": 1,
    }
