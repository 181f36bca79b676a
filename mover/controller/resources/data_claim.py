"""The claim that the mover works on: the user's own, a copy of it, or one that the controller keeps."""

from mover.controller.api.resource_kind import is_source
from mover.controller.api.spec import Spec
from mover.controller.kube.writes import Writes
from mover.controller.resources.claims import find_named_claim, plan_lasting_claim
from mover.controller.resources.names import name_for
from mover.controller.resources.observed import Observed
from mover.controller.resources.readiness import Blocked, Readiness, Ready
from mover.controller.resources.source_copy import plan_source_copy


def data_claim_name(observed: Observed, spec: Spec) -> str:
    """Return the name of the claim that the mover works on."""
    if is_source(observed.resource):
        return str(spec.volume) if spec.copy_method == "None" else name_for(observed.resource, "-copy")
    return spec.volume or name_for(observed.resource, "-data")


def plan_data_claim(observed: Observed, spec: Spec, attempt: str | None) -> Readiness[Writes]:
    """Return the next writes that the claim the mover works on needs; none: it exists.

    Without an attempt, which is before one starts, this says whether anything blocks it.
    """
    if not is_source(observed.resource) and not spec.volume:
        return plan_lasting_claim(observed, name_for(observed.resource, "-data"), spec.data)
    claim = find_named_claim(observed, spec)
    if isinstance(claim, Blocked):
        return claim
    if not is_source(observed.resource) or spec.copy_method == "None":
        return Ready(())
    return plan_source_copy(observed, spec, claim.value, attempt)
