"""The volumes of a sync: the one whose data moves, its copy at a point in time, and the cache.

Each function says what is still to be made, or raises `Blocked` where somebody else has to act first. Nothing is
waited for to be bound: with a storage class that waits for a pod it only is once the mover's pod is there.
"""

from typing import Any

from mover.controller.api.conditions import Blocked, Reason
from mover.controller.api.quantity import read_bytes
from mover.controller.api.spec import DEFAULT_CACHE, Spec, VolumeRequest
from mover.controller.kube.kinds import VOLUME_CLAIM, VOLUME_SNAPSHOT, KubernetesObject
from mover.controller.reconcile.decision import Create, Patch, Write
from mover.controller.resources.names import attempt_of, is_owned, is_source, metadata, name_for
from mover.controller.resources.observed import Observed, named

READ_ONLY = ["ReadOnlyMany"]
SNAPSHOT_GROUP = VOLUME_SNAPSHOT.api_version.split("/")[0]


class NotReadyError(Exception):
    """Something was made and is not ready, or has to go first; ``problem`` is what it says of itself, if anything."""

    def __init__(self, sentence: str, problem: str = "", *, is_snapshot: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.problem = problem
        self.is_snapshot = is_snapshot


def data_claim(observed: Observed, spec: Spec) -> str:
    """Return the name of the claim the mover works on."""
    if is_source(observed.resource):
        return str(spec.volume) if spec.copy_method == "None" else name_for(observed.resource, "-copy")
    return spec.volume or name_for(observed.resource, "-data")


def make_data(observed: Observed, spec: Spec, attempt: str) -> list[Write]:
    """Make the volume the mover works on, one step nearer."""
    if not is_source(observed.resource):
        return _make_destination(observed, spec)
    source = origin(observed, spec)
    if spec.copy_method == "None":
        return []
    if spec.copy_method == "Snapshot":
        snapshot = _source_snapshot(observed, spec, attempt)
        if isinstance(snapshot, Create):
            return [snapshot]
        restored = str((snapshot.get("status") or {}).get("restoreSize") or "0")
        size = restored if read_bytes(restored) else capacity_of(source)
        return _make_copy(observed, spec, attempt, _reference(VOLUME_SNAPSHOT.name, snapshot, SNAPSHOT_GROUP), size)
    return _make_copy(observed, spec, attempt, _reference(VOLUME_CLAIM.name, source), capacity_of(source))


def make_cache(observed: Observed, spec: Spec) -> list[Write]:
    """Make the cache volume, or let it grow."""
    source = observed.claim(spec.volume) if spec.volume else None
    like = (source or {}).get("spec") or {}
    # A class of "" stands for a volume made by hand, which nobody makes for a cache.
    chosen = spec.cache.storage_class or spec.data.storage_class or like.get("storageClassName") or None
    modes = spec.cache.access_modes or spec.data.access_modes or like.get("accessModes") or ["ReadWriteOnce"]
    modes = ["ReadWriteOnce"] if list(modes) == READ_ONLY else list(modes)
    wish = VolumeRequest(spec.cache.capacity or DEFAULT_CACHE, chosen, tuple(modes))
    return _make_lasting(observed, name_for(observed.resource, "-cache"), wish)


def origin(observed: Observed, spec: Spec) -> KubernetesObject:
    """Return the claim that the spec names, which has to be there and to be of use."""
    claim = observed.claim(str(spec.volume))
    if claim is None or claim["metadata"].get("deletionTimestamp"):
        what = "does not exist" if claim is None else "is being deleted"
        raise Blocked(Reason.VOLUME_MISSING, f"The PersistentVolumeClaim {spec.volume} {what}.")
    if claim["spec"].get("volumeMode") == "Block":
        raise Blocked(Reason.VOLUME_UNUSABLE, f"The PersistentVolumeClaim {spec.volume} is a block device: no files.")
    if (claim.get("status") or {}).get("phase") == "Lost":
        raise Blocked(Reason.VOLUME_UNUSABLE, f"The volume of PersistentVolumeClaim {spec.volume} is lost.")
    return claim


def check_classes(observed: Observed, spec: Spec) -> None:
    """Object to a snapshot class that is named and not there, or to a cluster without snapshots."""
    if spec.copy_method != "Snapshot":
        return
    if observed.snapshots is None:
        raise Blocked(Reason.SNAPSHOTS_UNSUPPORTED, "The cluster has no VolumeSnapshots: choose another copyMethod.")
    classes, wanted = observed.snapshot_classes, spec.snapshot_class
    if wanted and classes is not None and named(classes, wanted) is None:
        raise Blocked(Reason.CLASS_MISSING, f"There is no VolumeSnapshotClass {wanted}.")


def make_snapshot(observed: Observed, spec: Spec, attempt: str) -> Create | KubernetesObject:
    """Make the snapshot of a destination's data, or return it once it is ready."""
    name = name_for(observed.resource, f"-{attempt}")
    return _ready_snapshot(observed, spec, name, data_claim(observed, spec), attempt)


def is_read_only(claim: KubernetesObject | None) -> bool:
    """Whether nobody may write to the volume."""
    return claim is not None and _modes(claim) == READ_ONLY


def needs_same_node(claim: KubernetesObject | None) -> bool:
    """Whether only pods of one node can use the volume at a time."""
    return claim is not None and not {"ReadWriteMany", "ReadOnlyMany"} & set(_modes(claim))


def capacity_of(claim: KubernetesObject) -> str:
    """Return how large a volume is, or shall be."""
    status, wanted = claim.get("status") or {}, claim["spec"].get("resources") or {}
    found = (status.get("capacity") or {}).get("storage") or (wanted.get("requests") or {}).get("storage")
    return str(found or DEFAULT_CACHE)


def size_problem(observed: Observed, spec: Spec) -> tuple[Reason, str] | None:
    """Say which lasting volume can't get the size that is asked for."""
    wishes = [(name_for(observed.resource, "-cache"), "cacheCapacity", spec.cache.capacity)]
    if not is_source(observed.resource) and not spec.volume:
        wishes.append((name_for(observed.resource, "-data"), "capacity", spec.data.capacity))
    for name, wish, capacity in wishes:
        claim = observed.claim(name)
        if claim is None or capacity is None or not is_owned(claim, observed.resource):
            continue
        requested = _requested(claim)
        told = f"{wish} is {capacity}, and the volume {name} has {requested}"
        if read_bytes(capacity) < read_bytes(requested):
            return Reason.CANNOT_SHRINK, f"{told}: a volume can't shrink. Delete its claim to have it made anew."
        if read_bytes(capacity) > read_bytes(requested) and not _may_grow(observed, claim):
            return Reason.CANNOT_GROW, f"{told}: its StorageClass does not allow volumes to grow."
    return None


def _make_destination(observed: Observed, spec: Spec) -> list[Write]:
    if spec.volume:
        origin(observed, spec)
        return []
    return _make_lasting(observed, name_for(observed.resource, "-data"), spec.data)


def _make_lasting(observed: Observed, name: str, wish: VolumeRequest) -> list[Write]:
    claim = _own(observed, observed.claim(name), name)
    if claim is None:
        return [_create(observed, name, wish)]
    wanted = wish.capacity or DEFAULT_CACHE
    bound = (claim.get("status") or {}).get("phase") == "Bound"
    if read_bytes(wanted) <= read_bytes(_requested(claim)) or not bound or not _may_grow(observed, claim):
        return []
    version = claim["metadata"]["resourceVersion"]
    body = {
        "metadata": {"resourceVersion": version},
        "spec": {"resources": {"requests": {"storage": wanted}}},
    }
    return [Patch(VOLUME_CLAIM, name, body)]


def _make_copy(observed: Observed, spec: Spec, attempt: str, origin_: dict[str, str], size: str) -> list[Write]:
    name = name_for(observed.resource, "-copy")
    source = origin(observed, spec)
    if _own(observed, observed.claim(name), name, attempt) is not None:
        return []
    wanted = spec.data.capacity or size
    if read_bytes(wanted) < read_bytes(size):
        told = f"capacity is {wanted}, and the copy of {spec.volume} needs {size}"
        raise Blocked(Reason.VOLUME_UNUSABLE, f"{told}: leave capacity out, or make it larger.")
    storage_class = spec.data.storage_class or source["spec"].get("storageClassName")
    modes = spec.data.access_modes or tuple(source["spec"].get("accessModes") or ["ReadWriteOnce"])
    made = _create(observed, name, VolumeRequest(wanted, storage_class, modes), attempt)
    body = {**made.body, "spec": {**made.body["spec"], "dataSource": origin_}}
    return [Create(VOLUME_CLAIM, body)]


def _source_snapshot(observed: Observed, spec: Spec, attempt: str) -> Create | KubernetesObject:
    return _ready_snapshot(observed, spec, name_for(observed.resource, "-copy"), str(spec.volume), attempt)


def _ready_snapshot(observed: Observed, spec: Spec, name: str, claim: str, attempt: str) -> Create | KubernetesObject:
    check_classes(observed, spec)
    snapshot = _own(observed, named(observed.snapshots or (), name), name, attempt)
    if snapshot is None:
        source = {"source": {"persistentVolumeClaimName": claim}}
        chosen = {"volumeSnapshotClassName": spec.snapshot_class} if spec.snapshot_class else {}
        return Create(
            VOLUME_SNAPSHOT,
            {"metadata": metadata(observed.resource, name, attempt), "spec": {**source, **chosen}},
        )
    status = snapshot.get("status") or {}
    if not status.get("boundVolumeSnapshotContentName") or not status.get("readyToUse"):
        problem = (status.get("error") or {}).get("message") or ""
        raise NotReadyError(f"The VolumeSnapshot {name} is not ready yet.", str(problem), is_snapshot=True)
    return snapshot


def _own(
    observed: Observed, found: KubernetesObject | None, name: str, attempt: str | None = None
) -> KubernetesObject | None:
    """Return an object that was found under a name of ours, if it is ours, and of this attempt."""
    if found is None:
        return None
    if not is_owned(found, observed.resource):
        raise Blocked(Reason.NAME_TAKEN, f"There is a {found['kind']} {name} that belongs to somebody else: delete it.")
    if found["metadata"].get("deletionTimestamp"):
        raise NotReadyError(f"The old {found['kind']} {name} is being deleted.")
    if attempt is not None and attempt_of(found) != attempt:
        raise NotReadyError(f"The old {found['kind']} {name} has to go first.")
    return found


def _create(observed: Observed, name: str, wish: VolumeRequest, attempt: str | None = None) -> Create:
    classes, wanted = observed.storage_classes, wish.storage_class
    if wanted and classes is not None and named(classes, wanted) is None:
        raise Blocked(Reason.CLASS_MISSING, f"There is no StorageClass {wanted}, which the volume {name} would have.")
    spec: dict[str, Any] = {
        "accessModes": list(wish.access_modes),
        "resources": {"requests": {"storage": wish.capacity}},
    }
    spec |= {} if wanted is None else {"storageClassName": wanted}
    return Create(VOLUME_CLAIM, {"metadata": metadata(observed.resource, name, attempt), "spec": spec})


def _may_grow(observed: Observed, claim: KubernetesObject) -> bool:
    found = named(observed.storage_classes or (), claim["spec"].get("storageClassName") or "")
    return found is not None and bool(found.get("allowVolumeExpansion"))


def _requested(claim: KubernetesObject) -> str:
    return str(((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage") or "0")


def _modes(claim: KubernetesObject) -> list[str]:
    return list((claim.get("status") or {}).get("accessModes") or claim["spec"].get("accessModes") or [])


def _reference(kind: str, item: KubernetesObject, group: str = "") -> dict[str, str]:
    reference = {"kind": kind, "name": str(item["metadata"]["name"])}
    return reference | ({"apiGroup": group} if group else {})
