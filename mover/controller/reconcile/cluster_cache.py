"""The observed state of the whole cluster, and which resources a change of it concerns."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from mover.controller.api.resource_kind import DESTINATION, SOURCE
from mover.controller.kube import kinds
from mover.controller.kube.kinds import Kind, KubernetesObject
from mover.controller.kube.object_store import Store, name_of, namespace_of, without_managed_fields
from mover.controller.kube.work_queue import WorkQueue
from mover.controller.resources.names import OWNER_LABEL
from mover.controller.resources.observed import Observed
from mover.controller.resources.volume_users import claims_of


class ResourceKey(NamedTuple):
    """Names a ReplicationSource or ReplicationDestination."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


OBSERVED = (
    SOURCE,
    DESTINATION,
    kinds.JOB,
    kinds.POD,
    kinds.VOLUME_CLAIM,
    kinds.VOLUME_SNAPSHOT,
    kinds.STORAGE_CLASS,
    kinds.SNAPSHOT_CLASS,
    kinds.NAMESPACE,
)
"""The kinds that are watched; events are only written."""

RESOURCES = {kind.name: kind for kind in (SOURCE, DESTINATION)}


class ClusterCache:
    """A store for each kind; a change puts the resources it concerns into the queue."""

    def __init__(self, queue: WorkQueue[ResourceKey]) -> None:
        self._queue = queue
        self.stores = {kind: self._store(kind) for kind in OBSERVED}

    def observe(self, key: ResourceKey, now: datetime) -> Observed | None:
        """Return a resource with the objects around it; None if it is gone."""
        resource = self.stores[key.kind].get(key.namespace, key.name)
        if resource is None:
            return None
        return Observed(
            resource=resource,
            now=now,
            namespace=self.stores[kinds.NAMESPACE].get("", key.namespace),
            sources=self._in(key.namespace, SOURCE),
            jobs=self._in(key.namespace, kinds.JOB),
            pods=self._in(key.namespace, kinds.POD),
            claims=self._in(key.namespace, kinds.VOLUME_CLAIM),
            snapshots=self._if_served(key.namespace, kinds.VOLUME_SNAPSHOT),
            storage_classes=self._if_served("", kinds.STORAGE_CLASS),
            snapshot_classes=self._if_served("", kinds.SNAPSHOT_CLASS),
        )

    def _if_served(self, namespace: str, kind: Kind) -> tuple[KubernetesObject, ...] | None:
        return self._in(namespace, kind) if self.stores[kind].served else None

    def _in(self, namespace: str, kind: Kind) -> tuple[KubernetesObject, ...]:
        return tuple(self.stores[kind].in_namespace(namespace))

    def _store(self, kind: Kind) -> Store:
        def on_change(before: KubernetesObject | None, after: KubernetesObject | None) -> None:
            for key in set(self._concerned(kind, before, after)):
                self._queue.add(key)

        return Store(on_change, keep=_relevant_part if kind is kinds.POD else without_managed_fields)

    def _concerned(
        self, kind: Kind, before: KubernetesObject | None, after: KubernetesObject | None
    ) -> Iterator[ResourceKey]:
        """Yield the resources for which a change may make a difference; one too many is harmless."""
        for item in filter(None, (before, after)):
            namespace = namespace_of(item)
            if kind.name in RESOURCES:
                yield ResourceKey(kind, namespace, name_of(item))
            elif kind in {kinds.JOB, kinds.VOLUME_SNAPSHOT}:
                yield from self._owner(item)
            elif kind is kinds.VOLUME_CLAIM:
                yield from self._owner(item)
                yield from self._users(namespace, {name_of(item)})
            elif kind is kinds.POD:
                yield from self._of_pod(item)
            else:
                yield from self._all(name_of(item) if kind is kinds.NAMESPACE else None)
        if kind is SOURCE and _spec(before) != _spec(after):
            # Two sources that share a repository concern each other.
            yield from self._keys(SOURCE, namespace_of(before or after or {}))

    def _of_pod(self, pod: KubernetesObject) -> Iterator[ResourceKey]:
        namespace = namespace_of(pod)
        owner = (pod["metadata"].get("labels") or {}).get(OWNER_LABEL)
        for kind in RESOURCES.values():
            for item in self.stores[kind].in_namespace(namespace) if owner else ():
                if item["metadata"]["uid"] == owner:
                    yield ResourceKey(kind, namespace, name_of(item))
        yield from self._users(namespace, claims_of(pod))

    def _owner(self, item: KubernetesObject) -> Iterator[ResourceKey]:
        for owner in item["metadata"].get("ownerReferences") or []:
            if owner.get("controller") and owner["kind"] in RESOURCES:
                yield ResourceKey(RESOURCES[owner["kind"]], namespace_of(item), owner["name"])

    def _users(self, namespace: str, claims: set[str]) -> Iterator[ResourceKey]:
        """Yield the resources that use one of these volumes: by name, or because it was created for them."""
        for kind in RESOURCES.values() if claims else ():
            for item in self.stores[kind].in_namespace(namespace):
                if claims & set(_claims_of_resource(item)):
                    yield ResourceKey(kind, namespace, name_of(item))
        for claim in filter(None, (self.stores[kinds.VOLUME_CLAIM].get(namespace, name) for name in claims)):
            yield from self._owner(claim)

    def _all(self, namespace: str | None) -> Iterator[ResourceKey]:
        for kind in RESOURCES.values():
            yield from self._keys(kind, namespace)

    def _keys(self, kind: Kind, namespace: str | None) -> Iterator[ResourceKey]:
        store = self.stores[kind]
        for item in store if namespace is None else store.in_namespace(namespace):
            yield ResourceKey(kind, namespace_of(item), name_of(item))


def _spec(item: KubernetesObject | None) -> object:
    return None if item is None else item.get("spec")


def _claims_of_resource(item: KubernetesObject) -> Iterator[str]:
    spec = item.get("spec") or {}
    for name in (spec.get("sourcePVC"), (spec.get("restic") or {}).get("destinationPVC")):
        if isinstance(name, str):
            yield name


def _relevant_part(pod: KubernetesObject) -> KubernetesObject:
    """Return what is kept of a pod: all pods are watched, and most matter only for the volumes they use."""
    if OWNER_LABEL in (pod["metadata"].get("labels") or {}):
        return without_managed_fields(pod)
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    volumes = [v for v in spec.get("volumes") or [] if "persistentVolumeClaim" in v or "ephemeral" in v]
    return {
        **_fields(pod, "apiVersion", "kind"),
        "metadata": _fields(
            pod["metadata"],
            "name",
            "namespace",
            "uid",
            "resourceVersion",
            "labels",
            "creationTimestamp",
            "deletionTimestamp",
        ),
        "spec": {**_fields(spec, "nodeName", "nodeSelector", "tolerations"), "volumes": volumes},
        "status": _fields(status, "phase"),
    }


def _fields(item: KubernetesObject, *names: str) -> KubernetesObject:
    return {name: item[name] for name in names if name in item}
