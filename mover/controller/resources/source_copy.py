"""A copy of a source's volume at a point in time, for one attempt: a clone of it, or a volume made of a snapshot."""

from mover.controller.api.conditions import Reason
from mover.controller.api.quantity import read_bytes
from mover.controller.api.spec import Spec, VolumeRequest
from mover.controller.kube.kinds import VOLUME_CLAIM, VOLUME_SNAPSHOT, KubernetesObject
from mover.controller.kube.writes import Create, Writes
from mover.controller.resources.claims import capacity_of, create_claim
from mover.controller.resources.names import name_for
from mover.controller.resources.observed import Observed
from mover.controller.resources.ownership import find_own
from mover.controller.resources.readiness import Blocked, Readiness, Ready
from mover.controller.resources.volume_snapshots import SNAPSHOT_GROUP, plan_snapshot


def plan_source_copy(
    observed: Observed, spec: Spec, source: KubernetesObject, attempt: str | None
) -> Readiness[Writes]:
    """Return the next write that a copy of the source's claim needs; none: it exists."""
    if spec.copy_method == "Clone":
        return _plan_copy(observed, spec, source, attempt, source)
    name = name_for(observed.resource, "-copy")
    snapshot = plan_snapshot(observed, spec, name, str(spec.volume), attempt)
    if not isinstance(snapshot, Ready):
        return snapshot
    if isinstance(snapshot.value, Create):
        return Ready((snapshot.value,))
    return _plan_copy(observed, spec, source, attempt, snapshot.value)


def _plan_copy(
    observed: Observed, spec: Spec, source: KubernetesObject, attempt: str | None, origin: KubernetesObject
) -> Readiness[Writes]:
    """Return the creation of the copy: of ``origin``, which is the source's claim or a snapshot of it."""
    name = name_for(observed.resource, "-copy")
    own = find_own(observed.claim(name), name, observed.resource, attempt)
    if not isinstance(own, Ready):
        return own
    if own.value is not None:
        return Ready(())
    size = _size(source, origin)
    capacity = spec.data.capacity or size
    if read_bytes(capacity) < read_bytes(size):
        problem = f"{capacity} is less than the {size} that a copy of {spec.volume} needs"
        return Blocked(Reason.VOLUME_UNUSABLE, f"spec.restic.capacity: {problem}; raise it or leave it out")
    storage_class = spec.data.storage_class or source["spec"].get("storageClassName")
    modes = spec.data.access_modes or tuple(source["spec"].get("accessModes") or ["ReadWriteOnce"])
    created = create_claim(observed, name, VolumeRequest(capacity, storage_class, modes), attempt)
    if isinstance(created, Blocked):
        return created
    body = created.value.body
    return Ready((Create(VOLUME_CLAIM, {**body, "spec": {**body["spec"], "dataSource": _reference(origin)}}),))


def _size(source: KubernetesObject, origin: KubernetesObject) -> str:
    """Return how large the copy has to be: as the snapshot says, or else as the source is."""
    restored = str((origin.get("status") or {}).get("restoreSize") or "0")
    return restored if read_bytes(restored) else capacity_of(source)


def _reference(origin: KubernetesObject) -> dict[str, str]:
    reference = {"kind": str(origin["kind"]), "name": str(origin["metadata"]["name"])}
    return reference | ({"apiGroup": SNAPSHOT_GROUP} if origin["kind"] == VOLUME_SNAPSHOT.name else {})
