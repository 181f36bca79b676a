"""An attempt whose Job was made: watched while it runs, and put down in the status when it has ended."""

from dataclasses import dataclass, replace
from datetime import timedelta

from mover.controller.api.conditions import Blocked, Reason, Type
from mover.controller.api.status import Attempt, Failed, shortened
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.reconcile.decision import Create, Decision
from mover.controller.reconcile.reconcile_context import ReconcileContext
from mover.controller.reconcile.triggers import next_tick, retry_at
from mover.controller.resources import job_result as endings
from mover.controller.resources.job import UNLOCK
from mover.controller.resources.job_result import COUNTED, JobResult
from mover.controller.resources.names import is_source, name_for
from mover.controller.resources.volumes import NotReadyError, data_claim, make_snapshot
from mover.exit_codes import ExitCode
from mover.platform.clock import write_time


@dataclass(frozen=True)
class AttemptFinished:
    """The attempt is over, and the status says how; ``sentence`` does too."""

    sentence: str


def follow(case: ReconcileContext, attempt: Attempt, job: KubernetesObject) -> Decision | AttemptFinished:
    """Look after the attempt's Job."""
    pods = endings.pods_of(job, case.observed.pods)
    disrupted = tuple(dict.fromkeys([*attempt.disrupted, *endings.disrupted(pods)]))
    case.status.attempt = attempt = replace(attempt, disrupted=disrupted)
    ending = endings.job_result_of(job, pods, case.now)
    if ending and not ending.is_told and case.now < ending.time + endings.PATIENCE:
        return case.decided("The Job has ended; how is not known yet.", at=ending.time + endings.PATIENCE)
    if ending is None and len(disrupted) >= endings.MOST_DISRUPTED:
        sentence = f"{len(disrupted)} pods in a row were evicted, or lost their node."
        return _fail(case, attempt, JobResult(None, sentence, case.now), Reason.DISRUPTED)
    if ending is None:
        return _watch(case, attempt, job, pods)
    if ending.code in COUNTED if is_source(case.resource) else ending.code is ExitCode.DONE:
        return _preserve(case, attempt, job, ending)
    return _fail(case, attempt, ending, ending.reason)


def not_ready(case: ReconcileContext, attempt: Attempt, why: NotReadyError) -> Decision:
    """Wait for something that was made, and say so once it takes long."""
    told_at = attempt.start + endings.PATIENCE
    if why.problem or (why.is_snapshot and case.now >= told_at):
        message = f"{why.sentence} {why.problem}".strip()
        case.synchronizing(Reason.SNAPSHOT_NOT_READY, message, status=True)
    else:
        case.in_progress()
    return case.decided(why.sentence, at=told_at if case.now < told_at else None)


def _watch(
    case: ReconcileContext, attempt: Attempt, job: KubernetesObject, pods: list[KubernetesObject]
) -> Decision | AttemptFinished:
    trouble = endings.hindrance(job, pods, case.now)
    may_begin_again = not case.spec.paused and not case.spec.problems
    if trouble and attempt.generation != case.status.generation and may_begin_again:
        case.status.attempt = None
        return AttemptFinished("The spec has changed, and the mover has not started: it is made anew.")
    if trouble:
        case.synchronizing(Reason.MOVER_NOT_STARTING, trouble, status=True)
        return case.decided(trouble)
    case.synchronizing(Reason.SYNC_IN_PROGRESS, "Synchronization in-progress", status=True)
    told_at = endings.made_at(job, case.now) + endings.PATIENCE
    at = told_at if not endings.has_started(pods) and told_at > case.now else None
    return case.decided(f"The Job {job['metadata']['name']} runs.", at=at)


def _preserve(
    case: ReconcileContext, attempt: Attempt, job: KubernetesObject, ending: JobResult
) -> Decision | AttemptFinished:
    """Make the snapshot that a destination is to leave, then put the success down."""
    if is_source(case.resource):
        return _succeed(case, attempt, job, ending)
    kind, name = "PersistentVolumeClaim", data_claim(case.observed, case.spec)
    if case.spec.copy_method == "Snapshot":
        try:
            made = make_snapshot(case.observed, case.spec, attempt.id)
        except (NotReadyError, Blocked) as why:
            return _unpreserved(case, attempt, why)
        if isinstance(made, Create):
            return case.decided(f"The restore is done, and is preserved in the VolumeSnapshot {made.name}.", made)
        kind, name = "VolumeSnapshot", name_for(case.resource, f"-{attempt.id}")
    group = "snapshot.storage.k8s.io" if kind == "VolumeSnapshot" else ""
    case.status.set("latestImage", {"apiGroup": group, "kind": kind, "name": name})
    return _succeed(case, attempt, job, ending)


def _unpreserved(case: ReconcileContext, attempt: Attempt, why: NotReadyError | Blocked) -> Decision | AttemptFinished:
    has_trouble = isinstance(why, Blocked) or why.problem
    if has_trouble and attempt.generation != case.status.generation and not case.spec.problems:
        case.status.attempt = None
        return AttemptFinished("The spec has changed, and the restore can't be preserved: it is made anew.")
    if isinstance(why, Blocked):
        case.synchronizing(why.reason, why.sentence, status=True)
        return case.decided(why.sentence)
    return not_ready(case, attempt, why)


def _succeed(case: ReconcileContext, attempt: Attempt, job: KubernetesObject, ending: JobResult) -> AttemptFinished:
    status, ended = case.status, max(ending.time, attempt.start)
    status.set("lastSyncDuration", go_duration(ended - (status.sync_started or attempt.start)))
    status.set_time("lastSyncTime", ended)
    status.set_time("lastSyncStartTime", None)
    status.set("lastManualSync", attempt.manual or None)
    status.set("latestMoverStatus", {"result": "Successful", "logs": _logs(ending)})
    status.attempt = status.failed = None
    for name, what in (("lastPruned", "pruned"), ("lastChecked", "checked")):
        moment = ending.time_of(what)
        if moment:
            status.set_restic(name, moment)
    unlocked = (job["metadata"].get("annotations") or {}).get(UNLOCK)
    if unlocked or not case.spec.backup.unlock:
        status.set_restic("lastUnlocked", unlocked)
    for name, fact in (("lastSnapshot", ending.snapshot()), ("lastRestored", ending.restored())):
        if fact:
            status.set(name, fact)
    _tell_flaws(case, ending)
    return AttemptFinished(f"The sync is done: {ending.sentence}")


def _tell_flaws(case: ReconcileContext, ending: JobResult) -> None:
    """Set or drop the conditions on a sync that counts, but was not all it should be."""
    flaws = [
        (Type.PARTIAL_BACKUP, Reason.FILES_UNREADABLE, ending.code is ExitCode.PARTIAL, ending.sentence),
        (Type.MAINTENANCE_FAILED, Reason.UPKEEP_FAILED, *_failed_upkeep(ending)),
    ]
    for type_, reason, holds, sentence in flaws:
        if holds:
            case.status.set_condition(type_, reason, sentence)
            case.warn(reason, sentence)
        else:
            case.status.drop_condition(type_)


def _failed_upkeep(ending: JobResult) -> tuple[bool, str]:
    if ending.code is ExitCode.MAINTENANCE_FAILED:
        return True, ending.sentence
    failed = ending.failed_upkeep()
    return bool(failed), f"{' and '.join(failed)} failed too; the pod's log says why."


def _fail(case: ReconcileContext, attempt: Attempt, ending: JobResult, reason: str) -> AttemptFinished:
    status = case.status
    count = (status.failed.count if status.failed else 0) + 1
    tick = next_tick(case.resource, case.spec, ending.time, case.options.spread)
    retry = retry_at(ending.code, count, ending.time, tick)
    message = shortened(ending.sentence)
    status.failed = Failed(count, attempt.generation, reason, message, retry)
    status.attempt = None
    status.set("latestMoverStatus", {"result": "Failed", "logs": _logs(ending)})
    case.warn(reason, f"{message} It is tried again at {write_time(retry)}.")
    return AttemptFinished(f"The sync has failed for the {_ordinal(count)} time: {message}")


def _logs(ending: JobResult) -> str:
    return "\n".join(map(shortened, [ending.sentence, *ending.warnings]))


def _ordinal(count: int) -> str:
    teen = count % 100 in {11, 12, 13}
    return f"{count}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(count % 10, 'th')}"


def go_duration(span: timedelta) -> str:
    """Write a time span as Go does: ``1h2m3s``, ``2m0s``, ``5s``."""
    minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "") + f"{seconds}s"
