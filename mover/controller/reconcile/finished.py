"""A resource whose Job has ended: its result is recorded, and a destination's data preserved before that."""

from datetime import timedelta

from mover.controller.api.conditions import Reason, Type
from mover.controller.api.resource_kind import is_source
from mover.controller.kube.kinds import VOLUME_CLAIM, VOLUME_SNAPSHOT
from mover.controller.kube.writes import Create
from mover.controller.reconcile import transitions
from mover.controller.reconcile.decision import Decision
from mover.controller.reconcile.idle import reconcile_idle
from mover.controller.reconcile.preparing import wait_for
from mover.controller.reconcile.reconcile_context import ReconcileContext
from mover.controller.resources.data_claim import data_claim_name
from mover.controller.resources.job import UNLOCK
from mover.controller.resources.job_result import JobResult, read_job_result
from mover.controller.resources.readiness import Blocked, NotReady, Ready
from mover.controller.resources.volume_snapshots import SNAPSHOT_GROUP, plan_snapshot, preserved_snapshot_name
from mover.exit_codes import ExitCode

RESULT_GRACE = timedelta(minutes=1)
"""How long to wait for the pod of a Job that has ended: Jobs and pods are watched apart."""


def reconcile_finished(context: ReconcileContext) -> Decision:
    """Record how the Job ended, once that is known."""
    result = read_job_result(context.job, context.observed.pods, context.now)
    known_at = result.time + RESULT_GRACE
    if not result.has_pod and context.now < known_at:
        return context.decided("Job has ended; waiting for the status of its pod", at=known_at)
    if not _is_success(context, result):
        return reconcile_idle(context, transitions.sync_failed(context, result, result.reason))
    return _record_success(context, result) if is_source(context.resource) else _preserve(context, result)


def _is_success(context: ReconcileContext, result: JobResult) -> bool:
    if is_source(context.resource):
        # A backup with unreadable files, or with failed maintenance, is saved all the same.
        return result.code is not None and result.code.continues_chain
    return result.code is ExitCode.DONE


def _preserve(context: ReconcileContext, result: JobResult) -> Decision:
    """Record what was restored as ``latestImage``, after taking a VolumeSnapshot of it if the spec asks for one."""
    claim = data_claim_name(context.observed, context.spec)
    if context.spec.copy_method != "Snapshot":
        context.status.set("latestImage", {"apiGroup": "", "kind": VOLUME_CLAIM.name, "name": claim})
        return _record_success(context, result)
    name = preserved_snapshot_name(context.observed, context.attempt.id)
    snapshot = plan_snapshot(context.observed, context.spec, name, claim, context.attempt.id)
    if not isinstance(snapshot, Ready):
        return _not_preserved(context, snapshot)
    if isinstance(snapshot.value, Create):
        return context.decided(f"Restore succeeded: create VolumeSnapshot {name}", snapshot.value)
    context.status.set("latestImage", {"apiGroup": SNAPSHOT_GROUP, "kind": VOLUME_SNAPSHOT.name, "name": name})
    return _record_success(context, result)


def _not_preserved(context: ReconcileContext, obstacle: NotReady | Blocked) -> Decision:
    is_stuck = isinstance(obstacle, Blocked) or obstacle.problem
    if is_stuck and context.has_newer_spec and not context.spec.problems:
        transitions.attempt_abandoned(context)
        return reconcile_idle(context, "Spec changed before the restore was preserved: it is run again")
    if isinstance(obstacle, NotReady):
        return wait_for(context, obstacle)
    transitions.attempt_stalled(context, obstacle.reason, obstacle.message)
    return context.decided(obstacle.message)


def _record_success(context: ReconcileContext, result: JobResult) -> Decision:
    _record_facts(context, result)
    _report_incomplete(context, result)
    transitions.sync_succeeded(context, result)
    return reconcile_idle(context, f"Sync succeeded: {result.message.rstrip('.')}")


def _record_facts(context: ReconcileContext, result: JobResult) -> None:
    """Keep of the outcome what later syncs need, and what users ask for."""
    status = context.status
    for field, name in (("lastPruned", "pruned"), ("lastChecked", "checked")):
        time = result.time_of(name)
        if time:
            status.set_restic(field, time)
    unlocked = (context.job["metadata"].get("annotations") or {}).get(UNLOCK)
    if unlocked or not context.spec.backup.unlock:
        status.set_restic("lastUnlocked", unlocked)
    for field, fact in (("lastSnapshot", result.snapshot()), ("lastRestored", result.restored())):
        if fact:
            status.set(field, fact)


def _report_incomplete(context: ReconcileContext, result: JobResult) -> None:
    """Set or drop PartialBackup and MaintenanceFailed after a successful sync."""
    if result.code is ExitCode.PARTIAL:
        transitions.sync_incomplete(context, Type.PARTIAL_BACKUP, Reason.FILES_UNREADABLE, result.message)
    else:
        context.status.drop_condition(Type.PARTIAL_BACKUP)
    failed = result.failed_maintenance()
    if result.code is ExitCode.MAINTENANCE_FAILED:
        transitions.sync_incomplete(context, Type.MAINTENANCE_FAILED, Reason.MAINTENANCE_FAILED, result.message)
    elif failed:
        message = f"{' and '.join(failed)} failed as well; see the log of the mover's pod"
        transitions.sync_incomplete(context, Type.MAINTENANCE_FAILED, Reason.MAINTENANCE_FAILED, message)
    else:
        context.status.drop_condition(Type.MAINTENANCE_FAILED)
