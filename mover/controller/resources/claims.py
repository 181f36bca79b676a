"""PersistentVolumeClaims: those that users name, and those that the controller creates.

Nothing waits for a claim to be bound: with a storage class that binds at the first consumer it only is once the
mover's pod is there.
"""

from typing import Any

from mover.controller.api.conditions import Reason
from mover.controller.api.quantity import read_bytes
from mover.controller.api.resource_kind import is_source
from mover.controller.api.schema.volume_fields import DEFAULT_CACHE
from mover.controller.api.spec import Spec, VolumeRequest
from mover.controller.kube.kinds import VOLUME_CLAIM, KubernetesObject
from mover.controller.kube.writes import Create, Patch, Writes
from mover.controller.resources.observed import Observed, named
from mover.controller.resources.ownership import find_own, metadata
from mover.controller.resources.readiness import Blocked, Readiness, Ready

READ_ONLY = ["ReadOnlyMany"]


def find_named_claim(observed: Observed, spec: Spec) -> Ready[KubernetesObject] | Blocked:
    """Return the claim that the spec names, if it can be backed up or restored into."""
    claim = observed.claim(str(spec.volume))
    subject = f"PersistentVolumeClaim {spec.volume}"
    if claim is None:
        field = "spec.sourcePVC" if is_source(observed.resource) else "spec.restic.destinationPVC"
        return Blocked(Reason.VOLUME_MISSING, f"{subject}: not found; create it or change {field}")
    if claim["metadata"].get("deletionTimestamp"):
        return Blocked(Reason.VOLUME_MISSING, f"{subject}: is being deleted")
    if claim["spec"].get("volumeMode") == "Block":
        message = f"{subject}: volumeMode is Block; only Filesystem volumes are supported"
        return Blocked(Reason.VOLUME_UNUSABLE, message)
    if (claim.get("status") or {}).get("phase") == "Lost":
        return Blocked(Reason.VOLUME_UNUSABLE, f"{subject}: phase is Lost, its PersistentVolume is gone")
    return Ready(claim)


def plan_lasting_claim(observed: Observed, name: str, request: VolumeRequest) -> Readiness[Writes]:
    """Return the next write to a claim that is kept between syncs: its creation, or its growth."""
    own = find_own(observed.claim(name), name, observed.resource)
    if not isinstance(own, Ready):
        return own
    if own.value is None:
        created = create_claim(observed, name, request)
        return created if isinstance(created, Blocked) else Ready((created.value,))
    return Ready(_growth(observed, own.value, request))


def create_claim(
    observed: Observed, name: str, request: VolumeRequest, attempt: str | None = None
) -> Ready[Create] | Blocked:
    """Return the creation of a claim, if its storage class exists."""
    storage_class = request.storage_class
    if storage_class and observed.storage_classes is not None and not named(observed.storage_classes, storage_class):
        message = f"StorageClass {storage_class}: not found; PersistentVolumeClaim {name} needs it"
        return Blocked(Reason.CLASS_MISSING, message)
    spec: dict[str, Any] = {
        "accessModes": list(request.access_modes),
        "resources": {"requests": {"storage": request.capacity}},
    }
    spec |= {} if storage_class is None else {"storageClassName": storage_class}
    return Ready(Create(VOLUME_CLAIM, {"metadata": metadata(observed.resource, name, attempt), "spec": spec}))


def _growth(observed: Observed, claim: KubernetesObject, request: VolumeRequest) -> Writes:
    capacity = request.capacity or DEFAULT_CACHE
    is_bound = (claim.get("status") or {}).get("phase") == "Bound"
    is_larger = read_bytes(capacity) > read_bytes(requested_size(claim))
    if not (is_larger and is_bound and allows_growth(observed, claim)):
        return ()
    body = {
        "metadata": {"resourceVersion": claim["metadata"]["resourceVersion"]},
        "spec": {"resources": {"requests": {"storage": capacity}}},
    }
    return (Patch(VOLUME_CLAIM, str(claim["metadata"]["name"]), body),)


def is_read_only(claim: KubernetesObject | None) -> bool:
    """Whether the volume can only be mounted read-only."""
    return claim is not None and _access_modes(claim) == READ_ONLY


def needs_same_node(claim: KubernetesObject | None) -> bool:
    """Whether only pods of one node can use the volume at a time."""
    return claim is not None and not {"ReadWriteMany", "ReadOnlyMany"} & set(_access_modes(claim))


def allows_growth(observed: Observed, claim: KubernetesObject) -> bool:
    """Whether the claim's storage class lets volumes be expanded."""
    storage_class = named(observed.storage_classes or (), claim["spec"].get("storageClassName") or "")
    return storage_class is not None and bool(storage_class.get("allowVolumeExpansion"))


def capacity_of(claim: KubernetesObject) -> str:
    """Return the size of a volume, or the requested size if it has none yet, as a Kubernetes quantity."""
    actual = ((claim.get("status") or {}).get("capacity") or {}).get("storage")
    requests = (claim["spec"].get("resources") or {}).get("requests") or {}
    return str(actual or requests.get("storage") or DEFAULT_CACHE)


def requested_size(claim: KubernetesObject) -> str:
    """Return the size that a claim requests, as a Kubernetes quantity."""
    return str(((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage") or "0")


def _access_modes(claim: KubernetesObject) -> list[str]:
    return list((claim.get("status") or {}).get("accessModes") or claim["spec"].get("accessModes") or [])
