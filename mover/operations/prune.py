"""Prune: removes the data that no snapshot uses any more, on request or when its interval has passed.

After stale locks were removed it waits: a process whose lock was removed by mistake would lose data to a prune.
"""

import logging
from dataclasses import replace
from datetime import timedelta

from mover.config.operation import Operation
from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext
from mover.operations.intervals import prune_is_due
from mover.reporting.operation_result import OperationResult, done
from mover.warning_reasons import WarningReason, log_warning

log = logging.getLogger(__name__)

AFTER_UNLOCKING = timedelta(minutes=6)


def run(context: OperationContext, *, may_wait: bool) -> tuple[OperationResult, ...]:
    """Prune, unless this run has done so already.

    If locks were removed a few minutes ago a prune waits, or is left for a later run.
    """
    if context.has_run(Operation.PRUNE):
        return ()
    return (_prune_after_waiting(context),) if may_wait else _prune_or_postpone(context)


def is_due_now(context: OperationContext) -> bool:
    """Whether the prune interval has passed, and a prune may run at once."""
    return prune_is_due(context) and may_run_now(context)


def may_run_now(context: OperationContext) -> bool:
    """Whether no locks were removed during the last minutes."""
    return _seconds_to_wait(context) <= 0


def waits_for_locks(failure: Failure, context: OperationContext) -> bool:
    """Whether a prune failed because of locks that are removed by now, so that all it needs is some minutes."""
    return failure.code is ExitCode.LOCKED and not may_run_now(context)


def record(context: OperationContext) -> OperationResult:
    """Keep when a prune has succeeded, and make its result."""
    context.state.pruned = context.clock.now()
    context.store.note_exclusive_lock()
    context.store.save()
    log.info("successfully pruned")
    return replace(done(Operation.PRUNE, "pruned"), pruned=context.state.pruned)


def _seconds_to_wait(context: OperationContext) -> float:
    """How long no prune may run because locks were removed.

    If a removed lock belonged to a live process after all, that process creates it again within five minutes,
    and a prune in between could remove data that it uses.
    """
    if context.state.unlocked is None:
        return 0.0
    return (context.state.unlocked + AFTER_UNLOCKING - context.clock.now()).total_seconds()


def _prune_or_postpone(context: OperationContext) -> tuple[OperationResult, ...]:
    try:
        if may_run_now(context):
            return (_prune(context),)
    except Failure as failure:
        if not waits_for_locks(failure, context):
            raise
    context.warn(
        WarningReason.PRUNE_POSTPONED, "Prune is due but postponed to a later run: stale locks were just removed"
    )
    return ()


def _prune_after_waiting(context: OperationContext) -> OperationResult:
    _wait_after_unlocking(context)
    try:
        return _prune(context)
    except Failure as failure:
        if not waits_for_locks(failure, context):
            raise
    _wait_after_unlocking(context)
    return _prune(context)


def _prune(context: OperationContext) -> OperationResult:
    log.info("pruning")
    context.repository.prune()
    return record(context)


def _wait_after_unlocking(context: OperationContext) -> None:
    seconds = _seconds_to_wait(context)
    if seconds > 0:
        log_warning(
            WarningReason.PRUNE_WAITS, f"Stale locks were just removed: waiting {seconds:.0f} s before the prune"
        )
        context.sleep(seconds)
