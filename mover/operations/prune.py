"""Prune: removing the data that no snapshot uses any more, when asked or when its interval has passed."""

import logging
from datetime import timedelta

from mover.app.plan import Step, When
from mover.config.operation import Operation
from mover.exit_codes import ExitCode, Failure
from mover.operations import intervals
from mover.operations.context import OperationContext

log = logging.getLogger(__name__)

AFTER_UNLOCKING = timedelta(minutes=6)


def perform(run: OperationContext, step: Step) -> str | None:
    """Prune, unless it was done in this run already or is not intervals."""
    if any(record.operation == Operation.PRUNE for record in run.outcome.operations[:-1]):
        return None
    try:
        if step.when is When.ASKED:
            return _prune_though_locks_were_removed(run)
        return _prune_if_due(run)
    except Failure as failure:
        if run.nothing_there(failure):
            log.info("there is no repository yet: nothing to prune")
            return "nothing to prune, as there is no repository yet"
        raise


def _prune_if_due(run: OperationContext) -> str | None:
    if not _interval_has_passed(run):
        return None
    try:
        if seconds_to_wait(run) <= 0:
            return _prune(run)
    except Failure as failure:
        if not removed_locks(run, failure):
            raise
    run.outcome.warn("A prune is intervals, but left for a later run: locks were removed a few minutes ago.")
    return None


def _prune_though_locks_were_removed(run: OperationContext) -> str:
    _wait_for_lost_locks(run)
    try:
        return _prune(run)
    except Failure as failure:
        if not removed_locks(run, failure):
            raise
    _wait_for_lost_locks(run)
    return _prune(run)


def _prune(run: OperationContext) -> str:
    log.info("pruning")
    run.repository.prune()
    return record(run)


def removed_locks(run: OperationContext, failure: Failure) -> bool:
    """Whether a prune failed for locks that are removed by now, so that all it needs is some minutes."""
    return failure.code is ExitCode.LOCKED and seconds_to_wait(run) > 0


def record(run: OperationContext) -> str:
    """Note that a prune has succeeded."""
    run.outcome.pruned = run.marker.pruned = run.clock.now()
    run.record.had_an_exclusive_lock()
    run.record.remember()
    log.info("successfully pruned")
    return "pruned"


def is_due(run: OperationContext) -> bool:
    """Whether the prune interval has passed since the last prune that is known of, and nothing stands against it."""
    return _interval_has_passed(run) and seconds_to_wait(run) <= 0


def _interval_has_passed(run: OperationContext) -> bool:
    return intervals.is_due(run, run.settings.prune_interval, run.marker.pruned, run.settings.last_pruned)


def seconds_to_wait(run: OperationContext) -> float:
    """How long no prune may run because locks were removed.

    Should a removed lock have been a living process's after all, that process makes it anew within five minutes,
    and a prune in between could remove data under its hands.
    """
    if run.marker.unlocked is None:
        return 0.0
    return (run.marker.unlocked + AFTER_UNLOCKING - run.clock.now()).total_seconds()


def _wait_for_lost_locks(run: OperationContext) -> None:
    seconds = seconds_to_wait(run)
    if seconds > 0:
        log.warning(f"Locks were removed a few minutes ago: waiting {seconds:.0f} s before the prune.")
        run.repository.attempts.restic.stopping.sleep(seconds)
