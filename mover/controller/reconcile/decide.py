"""What to do about one resource, as a pure function of what is observed: start reading here.

`states` derives the state, and each state has a function in a file of its own. What they report to users goes through
`transitions`.
"""

from collections.abc import Callable

from mover.controller.api.conditions import Reason
from mover.controller.api.spec import read_spec
from mover.controller.api.status import StatusEditor
from mover.controller.reconcile import spec_conditions, transitions
from mover.controller.reconcile.decision import Decision
from mover.controller.reconcile.finished import reconcile_finished
from mover.controller.reconcile.idle import reconcile_idle
from mover.controller.reconcile.preparing import reconcile_preparing
from mover.controller.reconcile.reconcile_context import Options, ReconcileContext
from mover.controller.reconcile.running import reconcile_running
from mover.controller.reconcile.states import State, state_of
from mover.controller.resources.observed import Observed

__all__ = ["Options", "decide"]

RECONCILE: dict[State, Callable[[ReconcileContext], Decision]] = {
    State.IDLE: reconcile_idle,
    State.PREPARING: reconcile_preparing,
    State.RUNNING: reconcile_running,
    State.FINISHED: reconcile_finished,
}


def decide(observed: Observed, options: Options) -> Decision:
    """Derive the state of the resource and decide on one step; deciding again without a change changes nothing."""
    resource = observed.resource
    if resource["metadata"].get("deletionTimestamp"):
        return Decision("Being deleted; Kubernetes deletes the objects that it owns")
    spec = read_spec(resource)
    if spec is None:
        return Decision("Managed by another controller (spec.external)")
    context = ReconcileContext(observed, options, spec, StatusEditor(resource, observed.now))
    spec_conditions.update(context)
    state = state_of(observed, spec, context.status)
    if observed.refusal and state is not State.RUNNING:
        # Nothing more is written until that is worth another try.
        message = f"API server refused a write: {observed.refusal}"
        transitions.sync_waiting(context, Reason.REFUSED_BY_API, message)
        return context.decided(message)
    return RECONCILE[state](context)
