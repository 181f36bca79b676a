"""A resource whose attempt has no Job yet: what the Job needs is created, until the Job itself is."""

from mover.controller.api.conditions import Reason
from mover.controller.reconcile import transitions
from mover.controller.reconcile.decision import Decision
from mover.controller.reconcile.idle import reconcile_idle
from mover.controller.reconcile.job_plan import describe, plan_job
from mover.controller.reconcile.preflight import preflight
from mover.controller.reconcile.reconcile_context import ReconcileContext
from mover.controller.resources.pod_diagnosis import STARTUP_GRACE
from mover.controller.resources.readiness import Blocked, NotReady


def reconcile_preparing(context: ReconcileContext) -> Decision:
    """Create the next object that the Job needs, or the Job."""
    if preflight(context.observed, context.spec):
        transitions.attempt_abandoned(context)
        return reconcile_idle(context)
    plan = plan_job(context, context.attempt)
    match plan:
        case NotReady():
            return wait_for(context, plan)
        case Blocked():
            # Found only during preparation, such as the size of a snapshot: a new attempt would fail in the same way.
            transitions.sync_waiting(context, plan.reason, plan.message)
            return context.decided(plan.message)
    transitions.attempt_preparing(context)
    return context.decided(f"Next: {describe(plan.value)}", *plan.value)


def wait_for(context: ReconcileContext, obstacle: NotReady) -> Decision:
    """Wait for an object to become ready, or to be gone, and report one that has a problem or takes long."""
    overdue_at = context.attempt.start + STARTUP_GRACE
    if obstacle.problem or (obstacle.is_snapshot and context.now >= overdue_at):
        transitions.attempt_stalled(context, Reason.SNAPSHOT_NOT_READY, obstacle.full_message)
    else:
        transitions.attempt_preparing(context)
    return context.decided(obstacle.message, at=overdue_at if context.now < overdue_at else None)
