"""VolumeSnapshots: of a source's volume before it is copied, and of a destination's data after a restore."""

from typing import Any

from mover.controller.api.conditions import Reason
from mover.controller.api.spec import Spec
from mover.controller.kube.kinds import VOLUME_SNAPSHOT, KubernetesObject
from mover.controller.kube.writes import Create
from mover.controller.resources.names import name_for
from mover.controller.resources.observed import Observed, named
from mover.controller.resources.ownership import find_own, metadata
from mover.controller.resources.readiness import Blocked, NotReady, Readiness, Ready

SNAPSHOT_GROUP = VOLUME_SNAPSHOT.api_version.partition("/")[0]


def find_class_problem(observed: Observed, spec: Spec) -> Blocked | None:
    """Return why snapshots can't be taken, if the spec asks for them: no such kind, or no such class."""
    if spec.copy_method != "Snapshot":
        return None
    if observed.snapshots is None:
        message = "VolumeSnapshots: not supported by this cluster; use another copyMethod"
        return Blocked(Reason.SNAPSHOTS_UNSUPPORTED, message)
    classes, name = observed.snapshot_classes, spec.snapshot_class
    if name and classes is not None and named(classes, name) is None:
        message = f"VolumeSnapshotClass {name}: not found; create it or change volumeSnapshotClassName"
        return Blocked(Reason.CLASS_MISSING, message)
    return None


def preserved_snapshot_name(observed: Observed, attempt: str) -> str:
    """Return the name of the snapshot that an attempt to restore leaves."""
    return name_for(observed.resource, f"-{attempt}")


def plan_snapshot(
    observed: Observed, spec: Spec, name: str, claim: str, attempt: str | None
) -> Readiness[Create | KubernetesObject]:
    """Return the creation of a snapshot of a claim, or the snapshot once it is ready to use."""
    problem = find_class_problem(observed, spec)
    if problem:
        return problem
    own = find_own(named(observed.snapshots or (), name), name, observed.resource, attempt)
    if not isinstance(own, Ready):
        return own
    if own.value is None:
        fields: dict[str, Any] = {"source": {"persistentVolumeClaimName": claim}}
        fields |= {"volumeSnapshotClassName": spec.snapshot_class} if spec.snapshot_class else {}
        return Ready(Create(VOLUME_SNAPSHOT, {"metadata": metadata(observed.resource, name, attempt), "spec": fields}))
    status = own.value.get("status") or {}
    if not status.get("boundVolumeSnapshotContentName") or not status.get("readyToUse"):
        error = (status.get("error") or {}).get("message") or ""
        return NotReady(f"VolumeSnapshot {name} is not ready yet", str(error), is_snapshot=True)
    return Ready(own.value)
