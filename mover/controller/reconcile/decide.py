"""What to do about one resource, as a pure function of what is observed: start reading here.

A resource rests, is prepared for an attempt (``status.attempt`` is there, its Job is not), or has an attempt running
(both are). An attempt ends in a success or a failure, which the status tells, and the resource rests again.
"""

from mover.controller.api.conditions import Blocked, Reason, Type
from mover.controller.api.spec import read_spec
from mover.controller.api.status import Attempt, StatusEditor
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.reconcile import preparing, running
from mover.controller.reconcile.decision import Create, Decision, Delete, Patch, Write
from mover.controller.reconcile.garbage import collect_garbage
from mover.controller.reconcile.reconcile_context import Options, ReconcileContext
from mover.controller.reconcile.running import AttemptFinished
from mover.controller.reconcile.triggers import LONGEST_DELAY, next_tick, sync_due_at, waiting_reason
from mover.controller.resources.job_result import is_finished
from mover.controller.resources.names import attempt_of, is_owned, is_source
from mover.controller.resources.observed import Observed
from mover.controller.resources.volumes import NotReadyError, size_problem
from mover.platform.clock import write_time

__all__ = ["Options", "decide"]


def decide(observed: Observed, options: Options) -> Decision:
    """Derive the state of the resource and decide on one step; deciding again without a change changes nothing."""
    resource = observed.resource
    if resource["metadata"].get("deletionTimestamp"):
        return Decision("It is being deleted: what belongs to it goes with it.")
    spec = read_spec(resource)
    if spec is None:
        return Decision("Another controller looks after it.")
    case = ReconcileContext(observed, options, spec, StatusEditor(resource, observed.now))
    _tell_lasting(case)
    attempt = case.status.attempt
    job = _job_of(observed, attempt)
    if observed.refusal and not (job and not is_finished(job)):
        return _tell_refused(case, observed.refusal)
    if attempt and job:
        followed = running.follow(case, attempt, job)
        return _rest(case, followed.sentence) if isinstance(followed, AttemptFinished) else followed
    if attempt and not spec.problems and not spec.paused and attempt.generation == case.status.generation:
        return _go_on(case, attempt)
    case.status.attempt = None
    return _rest(case)


def _tell_lasting(case: ReconcileContext) -> None:
    """Keep the conditions that depend on the spec, whatever else is going on."""
    if is_source(case.resource) and not case.spec.backup.retain and not case.spec.problems:
        sentence = "spec.restic.retain is not set: every snapshot is kept, and the repository grows without end."
        case.status.set_condition(Type.NOTHING_FORGOTTEN, Reason.NO_RETAIN, sentence)
    else:
        case.status.drop_condition(Type.NOTHING_FORGOTTEN)
    preparing.tell_shared(case)
    wrong = size_problem(case.observed, case.spec)
    if wrong:
        case.status.set_condition(Type.VOLUME_SIZE, *wrong)
    else:
        case.status.drop_condition(Type.VOLUME_SIZE)


def _tell_refused(case: ReconcileContext, refusal: str) -> Decision:
    """Write nothing more until it is worth another try."""
    sentence = f"The API server refuses: {refusal}"
    case.synchronizing(Reason.REFUSED_BY_API, sentence, status=False)
    return case.decided(sentence)


def _job_of(observed: Observed, attempt: Attempt | None) -> KubernetesObject | None:
    jobs = [job for job in observed.jobs if is_owned(job, observed.resource) and attempt]
    return next((job for job in jobs if attempt and attempt_of(job) == attempt.id), None)


def _go_on(case: ReconcileContext, attempt: Attempt) -> Decision:
    """Bring an attempt that has no Job yet nearer to it."""
    try:
        preparing.check(case)
    except Blocked:
        case.status.attempt = None
        return _rest(case)
    try:
        writes = preparing.prepare(case, attempt)
    except NotReadyError as why:
        return running.not_ready(case, attempt, why)
    except Blocked as why:
        # Known only half-way, such as the size of a snapshot: starting anew would come to the same point again.
        case.synchronizing(why.reason, why.sentence, status=False)
        return case.decided(why.sentence)
    case.in_progress()
    return case.decided(_making(writes), *writes)


def _rest(case: ReconcileContext, before: str = "") -> Decision:
    """Say what a resource without an attempt waits for, or start one; ``before`` tells what has just ended."""
    spec, status, now = case.spec, case.status, case.now
    ended = [f"{before} "] if before else []
    old = collect_garbage(case.observed, spec, status)
    wanted = None if spec.problems else sync_due_at(case.resource, spec, status, now, case.options.spread)
    _tell_next(case)
    if spec.problems:
        case.synchronizing(Reason.INVALID_SPEC, "; ".join(spec.problems), status=False)
        return case.decided("".join([*ended, "The spec is wrong."]), *old)
    if spec.paused:
        case.synchronizing(Reason.PAUSED, "Paused: nothing new starts", status=False)
        return case.decided("".join([*ended, "It is paused."]), *old)
    if wanted is None or wanted > now:
        status.failed = None
        status.set_time("lastSyncStartTime", None)
        reason, sentence = waiting_reason(spec)
        case.synchronizing(reason, sentence, status=False)
        return case.decided("".join([*ended, f"{sentence}."]), *old, at=wanted)
    failed = status.failed
    retry = min(failed.retry, now + LONGEST_DELAY) if failed and failed.generation == status.generation else now
    if failed and retry > now:
        sentence = f"{failed.message} It is tried again at {write_time(retry)}."
        status.set_condition(Type.SYNCHRONIZING, failed.reason, sentence, status=False)
        return case.decided("".join([*ended, f"The next try is at {write_time(retry)}."]), *old, at=retry)
    if before:
        # What the ended attempt leaves has to go first; the new status brings us back here.
        case.in_progress()
        return case.decided("".join([*ended, "The next one follows at once."]), *old, at=now)
    return _start(case, old)


def _start(case: ReconcileContext, old: list[Write]) -> Decision:
    status = case.status
    try:
        preparing.check(case)
    except Blocked as why:
        case.synchronizing(why.reason, why.sentence, status=False)
        return case.decided(why.sentence, *old)
    version = str(case.resource["metadata"]["resourceVersion"])
    status.attempt = attempt = Attempt(version, case.now, case.spec.manual, status.generation)
    case.synchronizing(Reason.SYNC_IN_PROGRESS, "Synchronization in-progress", status=True)
    try:
        writes = preparing.prepare(case, attempt)
    except (NotReadyError, Blocked) as why:
        return case.decided(f"A sync starts. {why.sentence}", at=case.now)
    return case.decided(f"A sync starts. {_making(writes)}", *writes)


def _tell_next(case: ReconcileContext) -> None:
    last = case.status.last_sync
    usable = last is not None and not case.spec.problems
    tick = next_tick(case.resource, case.spec, last, case.options.spread) if usable and last else None
    case.status.set_time("nextSyncTime", tick)


def _making(writes: list[Write]) -> str:
    made = [w for w in writes if isinstance(w, Create | Patch | Delete)]
    return f"Next: {', '.join(f'{type(w).__name__.lower()} {w.kind} {w.name}' for w in made)}."
