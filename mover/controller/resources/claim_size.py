"""Whether the claims that are kept between syncs can get the size that the spec asks for.

A claim can't shrink, and grows only if its class allows it. Neither stops a sync, so it becomes a condition.
"""

from mover.controller.api.conditions import Reason
from mover.controller.api.quantity import read_bytes
from mover.controller.api.resource_kind import is_source
from mover.controller.api.spec import Spec
from mover.controller.resources.claims import allows_growth, requested_size
from mover.controller.resources.names import name_for
from mover.controller.resources.observed import Observed
from mover.controller.resources.ownership import is_owned


def find_size_problem(observed: Observed, spec: Spec) -> tuple[Reason, str] | None:
    """Return why a claim keeps another size than the requested one; it keeps no sync from starting."""
    requests = [(name_for(observed.resource, "-cache"), "cacheCapacity", spec.cache.capacity)]
    if not is_source(observed.resource) and not spec.volume:
        requests.append((name_for(observed.resource, "-data"), "capacity", spec.data.capacity))
    for name, field, capacity in requests:
        claim = observed.claim(name)
        if claim is None or capacity is None or not is_owned(claim, observed.resource):
            continue
        size = requested_size(claim)
        difference = f"spec.restic.{field}: {capacity} requested, but PersistentVolumeClaim {name} has {size}"
        if read_bytes(capacity) < read_bytes(size):
            return Reason.CANNOT_SHRINK, f"{difference}; volumes cannot shrink"
        if read_bytes(capacity) > read_bytes(size) and not allows_growth(observed, claim):
            return Reason.CANNOT_GROW, f"{difference}; its StorageClass does not allow volume expansion"
    return None
