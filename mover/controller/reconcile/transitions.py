"""Every change of the condition ``Synchronizing``, every start and end of an attempt, and the events that report them.

The condition is what people see of a resource's state, so nothing else sets it: an event, or a metric, that belongs to
a change of state belongs here.
"""

from datetime import datetime

from mover.controller.api.conditions import NORMAL, Reason, Type, shortened
from mover.controller.api.status import Attempt, Failed
from mover.controller.kube.writes import Event
from mover.controller.reconcile.reconcile_context import ReconcileContext
from mover.controller.reconcile.sync_times import next_tick, retry_at
from mover.controller.resources.job_result import JobResult
from mover.platform.clock import write_time

IN_PROGRESS = "Synchronization in-progress"
"""VolSync's message."""


def attempt_started(context: ReconcileContext) -> Attempt:
    """Begin an attempt. Its id is the resourceVersion it was decided on, so that only one starts from it."""
    version = str(context.resource["metadata"]["resourceVersion"])
    attempt = Attempt(version, context.now, context.spec.manual, context.status.generation)
    context.status.attempt = attempt
    attempt_running(context)
    return attempt


def attempt_preparing(context: ReconcileContext) -> None:
    """Report progress, unless the condition still reports that the API server refused a write."""
    if context.status.condition(Type.SYNCHRONIZING).get("reason") != Reason.REFUSED_BY_API:
        attempt_running(context)


def attempt_running(context: ReconcileContext) -> None:
    """Report progress."""
    _synchronizing(context, Reason.SYNC_IN_PROGRESS, IN_PROGRESS, is_active=True)


def attempt_stalled(context: ReconcileContext, reason: Reason, message: str) -> None:
    """Report why a running attempt makes no progress."""
    _synchronizing(context, reason, message, is_active=True)


def attempt_abandoned(context: ReconcileContext) -> None:
    """End an attempt without a result: another one starts in its place."""
    context.status.attempt = None


def sync_waiting(context: ReconcileContext, reason: Reason, message: str) -> None:
    """Report what the next sync waits for: a trigger, or a user who has to act."""
    _synchronizing(context, reason, message, is_active=False)


def sync_succeeded(context: ReconcileContext, result: JobResult) -> None:
    """End an attempt in a successful sync."""
    status, attempt = context.status, context.attempt
    ended = max(result.time, attempt.start)
    status.set_duration("lastSyncDuration", ended - (status.sync_started or attempt.start))
    status.set_time("lastSyncTime", ended)
    status.set_time("lastSyncStartTime", None)
    status.set("lastManualSync", attempt.manual or None)
    status.set("latestMoverStatus", {"result": "Successful", "logs": _logs(result)})
    status.attempt = status.failed = None


def sync_failed(context: ReconcileContext, result: JobResult, reason: str) -> str:
    """End an attempt in a failure: in the status, the condition and an event; returns their message."""
    status, attempt = context.status, context.attempt
    count = (status.failed.count if status.failed else 0) + 1
    tick = next_tick(context.resource, context.spec, result.time, context.options.spread)
    retry = retry_at(result.code, count, result.time, tick)
    failed = Failed(count, attempt.generation, reason, shortened(result.message), retry)
    status.failed, status.attempt = failed, None
    status.set("latestMoverStatus", {"result": "Failed", "logs": _logs(result)})
    message = retry_waiting(context, failed, retry)
    warn(context, reason, message)
    return message


def retry_waiting(context: ReconcileContext, failed: Failed, retry: datetime) -> str:
    """Report the last failure and when it is retried; returns the message."""
    times = f" ({failed.count} times in a row)" if failed.count > 1 else ""
    message = f"Sync failed{times}: {failed.message.rstrip('.')}; next retry at {write_time(retry)}"
    context.status.set_condition(Type.SYNCHRONIZING, failed.reason, message, status=False)
    return message


def sync_incomplete(context: ReconcileContext, type_: Type, reason: Reason, message: str) -> None:
    """Report, in its own condition and an event, what was incomplete in a successful sync."""
    context.status.set_condition(type_, reason, message)
    warn(context, reason, message)


def warn(context: ReconcileContext, reason: str, message: str) -> None:
    """Record an event, once."""
    event = Event("Warning", str(reason), message)
    if event not in context.events:
        context.events.append(event)


def _synchronizing(context: ReconcileContext, reason: Reason, message: str, *, is_active: bool) -> None:
    """Set the condition, with an event if it is a new problem."""
    before = context.status.condition(Type.SYNCHRONIZING).get("reason")
    context.status.set_condition(Type.SYNCHRONIZING, reason, message, status=is_active)
    if before != reason and reason not in NORMAL:
        warn(context, reason, message)


def _logs(result: JobResult) -> str:
    return "\n".join(map(shortened, (result.message, *result.warnings)))
