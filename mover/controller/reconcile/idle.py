"""A resource without an attempt: it waits for a trigger, a retry or a change by a user, or starts a sync."""

from datetime import datetime

from mover.controller.api.conditions import Reason
from mover.controller.api.spec import Spec
from mover.controller.kube.writes import Writes
from mover.controller.reconcile import transitions
from mover.controller.reconcile.decision import Decision
from mover.controller.reconcile.garbage import collect_garbage
from mover.controller.reconcile.job_plan import describe, plan_job
from mover.controller.reconcile.preflight import preflight
from mover.controller.reconcile.reconcile_context import ReconcileContext
from mover.controller.reconcile.sync_times import LONGEST_RETRY_DELAY, next_tick, sync_due_at
from mover.controller.resources.readiness import Ready
from mover.platform.clock import write_time


def reconcile_idle(context: ReconcileContext, ended: str = "") -> Decision:
    """Report what the next sync waits for, or start it; ``ended`` says how an attempt has just ended."""
    spec, status, now = context.spec, context.status, context.now
    transitions.attempt_abandoned(context)
    garbage = collect_garbage(context.observed, spec, status)
    _set_next_sync_time(context)
    if spec.problems:
        transitions.sync_waiting(context, Reason.INVALID_SPEC, "; ".join(spec.problems))
        return context.decided(_after(ended, "Spec is invalid"), *garbage)
    if spec.paused:
        transitions.sync_waiting(context, Reason.PAUSED, "Paused: new syncs are suspended")
        return context.decided(_after(ended, "Paused"), *garbage)
    due = sync_due_at(context.resource, spec, status, now, context.options.spread)
    if due is None or due > now:
        return _wait_for_trigger(context, ended, garbage, due)
    failed = status.failed
    if failed and failed.generation == status.generation and failed.retry > now:
        retry = min(failed.retry, now + LONGEST_RETRY_DELAY)
        transitions.retry_waiting(context, failed, retry)
        return context.decided(ended or f"Next retry at {write_time(retry)}", *garbage, at=retry)
    if ended:
        # What the attempt left has to be deleted first; the new status brings the resource here again.
        transitions.attempt_preparing(context)
        return context.decided(_after(ended, "Next sync follows at once"), *garbage, at=now)
    return _start(context, garbage)


def _wait_for_trigger(context: ReconcileContext, ended: str, garbage: Writes, due: datetime | None) -> Decision:
    context.status.failed = None
    context.status.set_time("lastSyncStartTime", None)
    reason, message = _waiting_for(context.spec)
    transitions.sync_waiting(context, reason, message)
    return context.decided(_after(ended, message), *garbage, at=due)


def _waiting_for(spec: Spec) -> tuple[Reason, str]:
    """Return which trigger starts the next sync, as reason and message of the condition."""
    if spec.manual:
        return Reason.WAITING_FOR_MANUAL, "Waiting for manual trigger"
    if spec.schedule:
        return Reason.WAITING_FOR_SCHEDULE, "Waiting for next scheduled synchronization"
    return Reason.WAITING_FOR_NEXT, "Waiting for one minute between synchronizations"


def _start(context: ReconcileContext, garbage: Writes) -> Decision:
    blocked = preflight(context.observed, context.spec)
    if blocked:
        transitions.sync_waiting(context, blocked.reason, blocked.message)
        return context.decided(blocked.message, *garbage)
    attempt = transitions.attempt_started(context)
    plan = plan_job(context, attempt)
    if not isinstance(plan, Ready):
        return context.decided(f"Sync starts: {plan.message}", at=context.now)
    return context.decided(f"Sync starts: {describe(plan.value)}", *plan.value)


def _set_next_sync_time(context: ReconcileContext) -> None:
    last = context.status.last_sync
    can_run = last is not None and not context.spec.problems
    tick = next_tick(context.resource, context.spec, last, context.options.spread) if can_run and last else None
    context.status.set_time("nextSyncTime", tick)


def _after(ended: str, message: str) -> str:
    return f"{ended}; {message[0].lower()}{message[1:]}" if ended else message
