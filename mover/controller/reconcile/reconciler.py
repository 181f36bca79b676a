"""One reconcile of one resource: observe, decide, write, and log what and why."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mover.controller import retry_delays
from mover.controller.kube.api_errors import ConflictError, NotFoundError, RefusedError
from mover.controller.kube.client import Api
from mover.controller.kube.event_recorder import EventRecorder
from mover.controller.kube.kinds import Kind, KubernetesObject
from mover.controller.kube.writes import Create, Delete, Event, Patch, PatchStatus, Write
from mover.controller.reconcile.cluster_cache import ClusterCache, ResourceKey
from mover.controller.reconcile.decision import Decision
from mover.controller.resources.observed import Observed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refusal:
    """What the API server refused, for one generation of the resource, and when it is worth another try."""

    message: str
    generation: int
    retry_at: datetime
    count: int
    """In a row."""


class Reconciler:
    """Reconciles resources; keeps only the last log message, event counts and refused write of each."""

    def __init__(self, api: Api, cache: ClusterCache, decide: Callable[[Observed], Decision]) -> None:
        self._api = api
        self._cache = cache
        self._decide = decide
        self._events = EventRecorder(api)
        self._logged: dict[ResourceKey, str] = {}
        self._refusals: dict[ResourceKey, Refusal] = {}

    def reconcile(self, key: ResourceKey) -> datetime | None:
        """Do what there is to do for a resource now, and return when to reconcile again even if nothing changes.

        Raises:
            ApiError: a write failed, and those after it were not tried.
        """
        now = datetime.now(UTC)
        observed = self._cache.observe(key, now)
        if observed is None:
            self._logged.pop(key, None)
            self._refusals.pop(key, None)
            return None
        refusal = self._current_refusal(key, observed)
        decision = self._decide(replace(observed, refusal=refusal.message) if refusal else observed)
        self._log(key, decision.message)
        try:
            for write in decision.writes:
                self._write(key, observed.resource, write)
        except RefusedError as error:
            self._remember(key, observed, str(error))
            raise
        if refusal:
            return min(filter(None, (decision.requeue_at, refusal.retry_at)))
        self._refusals.pop(key, None)
        return decision.requeue_at

    def _current_refusal(self, key: ResourceKey, observed: Observed) -> Refusal | None:
        """Return the last refusal as long as the write is not worth another try."""
        refusal = self._refusals.get(key)
        is_current = refusal and observed.now < refusal.retry_at and refusal.generation == _generation(observed)
        return refusal if is_current else None

    def _remember(self, key: ResourceKey, observed: Observed, message: str) -> None:
        known, generation = self._refusals.get(key), _generation(observed)
        before = known.count if known and known.generation == generation else 0
        retry_at = observed.now + timedelta(seconds=retry_delays.REFUSED_WRITE.seconds(before))
        self._refusals[key] = Refusal(message, generation, retry_at, before + 1)

    def _log(self, key: ResourceKey, message: str) -> None:
        if self._logged.get(key) != message:
            log.info(message)
            self._logged[key] = message

    def _write(self, key: ResourceKey, resource: KubernetesObject, write: Write) -> None:
        """Do one write, and store the answer: the next reconcile of the resource must not miss it."""
        match write:
            case Create(kind, body):
                self._store(kind, self._api.create(kind, body))
                log.info("created %s %s", kind, write.name)
            case Patch(kind, name, body):
                self._store(kind, self._api.patch(kind, key.namespace, name, body))
                log.info("patched %s %s", kind, name)
            case PatchStatus(body):
                self._store(key.kind, self._api.patch(key.kind, key.namespace, key.name, body, "status"))
            case Delete(kind, name, uid):
                self._delete(kind, key.namespace, name, uid)
            case Event():
                self._events.record(resource, write)

    def _store(self, kind: Kind, answer: KubernetesObject) -> None:
        self._cache.stores[kind].put(answer)

    def _delete(self, kind: Kind, namespace: str, name: str, uid: str) -> None:
        store = self._cache.stores[kind]
        try:
            remaining = self._api.delete(kind, namespace, name, uid)
        except (NotFoundError, ConflictError):
            # It is gone, or another object has its name now.
            remaining = {}
        log.info("deleted %s %s", kind, name)
        if (remaining.get("metadata") or {}).get("deletionTimestamp") and _is_held(remaining):
            store.put(remaining)
        else:
            store.remove({"metadata": {"namespace": namespace, "name": name, "uid": uid}})


def _generation(observed: Observed) -> int:
    return int(observed.resource["metadata"].get("generation") or 0)


def _is_held(item: KubernetesObject) -> bool:
    """Whether an object that is being deleted stays for a while: for its finalizers, or a pod for its grace period."""
    metadata = item["metadata"]
    return bool(metadata.get("finalizers") or metadata.get("deletionGracePeriodSeconds"))
