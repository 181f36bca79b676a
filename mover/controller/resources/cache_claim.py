"""The claim for restic's cache and the mover's state: created once for a resource, and kept between syncs."""

from mover.controller.api.schema.volume_fields import DEFAULT_CACHE
from mover.controller.api.spec import Spec, VolumeRequest
from mover.controller.kube.writes import Writes
from mover.controller.resources.claims import READ_ONLY, plan_lasting_claim
from mover.controller.resources.names import name_for
from mover.controller.resources.observed import Observed
from mover.controller.resources.readiness import Readiness


def plan_cache_claim(observed: Observed, spec: Spec) -> Readiness[Writes]:
    """Return the next write that the cache claim needs; by default it has the class and modes of the data claim."""
    claim = observed.claim(spec.volume) if spec.volume else None
    like = (claim or {}).get("spec") or {}
    # A class of "" stands for a volume that was provisioned by hand, which is not done for a cache.
    storage_class = spec.cache.storage_class or spec.data.storage_class or like.get("storageClassName") or None
    modes = list(spec.cache.access_modes or spec.data.access_modes or like.get("accessModes") or ["ReadWriteOnce"])
    modes = ["ReadWriteOnce"] if modes == READ_ONLY else modes
    request = VolumeRequest(spec.cache.capacity or DEFAULT_CACHE, storage_class, tuple(modes))
    return plan_lasting_claim(observed, name_for(observed.resource, "-cache"), request)
