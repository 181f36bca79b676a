"""Forget: the retention policy, applied after a backup that saved a snapshot.

Without a new snapshot nothing is forgotten: an empty volume must not push out the snapshots of a full one.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from mover.config.operation import Operation
from mover.exit_codes import Failure
from mover.operations import prune
from mover.operations.context import OperationContext
from mover.reporting.operation_result import OperationResult, done
from mover.restic.forget_and_prune import ForgetAndPrune
from mover.restic.messages import Snapshot
from mover.restic.parsers import forgotten_message

log = logging.getLogger(__name__)


def run(context: OperationContext, prune_too: Callable[[OperationContext], bool]) -> tuple[OperationResult, ...]:
    """Forget what the policy does not keep; prune in the same process if one is due or was requested.

    ``prune_too`` is called only if there is something to forget, because it may have to read the repository.
    """
    retention = context.settings.retention
    snapshot, complete = context.saved_snapshot, context.volume.complete
    if snapshot is None or retention is None:
        return ()
    if complete and not snapshot.complete:
        return (_forget_except(context, retention.flags, complete.id),)
    if prune_too(context):
        return _forget_and_prune(context, retention.flags)
    return (_forget(context, retention.flags),)


def without_prune(_: OperationContext) -> bool:
    """Say that no prune is to be done in the same process."""
    return False


def _forget(context: OperationContext, flags: Sequence[str]) -> OperationResult:
    output = context.repository.forget(context.settings.data, flags)
    context.store.note_exclusive_lock()
    return _forgotten(output.removed, output.kept)


def _forget_except(context: OperationContext, flags: Sequence[str], spared: str) -> OperationResult:
    """Have restic decide, then remove all it would remove but one: restic cannot exempt a snapshot by ID."""
    decision = context.repository.forget(context.settings.data, [*flags, "--dry-run"])
    removed = [snapshot for snapshot in decision.removed if snapshot.id != spared]
    if removed:
        context.repository.remove(removed)
    kept = [*decision.kept, *(snapshot for snapshot in decision.removed if snapshot.id == spared)]
    return _forgotten(removed, kept, f", including the last complete one ({spared[:8]})")


def _forget_and_prune(context: OperationContext, flags: Sequence[str]) -> tuple[OperationResult, ...]:
    """Do both in one process, and make a result for each afterwards.

    If restic has removed nothing it skips the prune, and that is left to the plan's next step.
    """
    both = context.repository.forget_and_prune(context.settings.data, flags)
    if both.forgotten:
        message = forgotten_message(both.forgotten.removed, both.forgotten.kept)  # which the parser has logged
        forgotten = replace(done(Operation.FORGET, message), ended_at=both.forgotten.forgotten_at)
        return (forgotten, *_pruned(context, both))
    if both.failure is None:
        last = both.outputs[-1]
        return (_forgotten(last.removed, last.kept),)
    if prune.waits_for_locks(both.failure, context):
        return (_forget(context, flags),)
    raise both.failure


def _pruned(context: OperationContext, both: ForgetAndPrune) -> tuple[OperationResult, ...]:
    """Say how the prune ended that followed in the process that had forgotten snapshots."""
    failure = both.failure
    try:
        if failure is None and not both.has_pruned:
            # A first process forgot them, and was cut off before its prune was done; this one skipped it.
            context.repository.prune()
    except Failure as own_failure:
        failure = own_failure
    if failure is None:
        return (prune.record(context),)
    if prune.waits_for_locks(failure, context):
        return ()
    return (OperationResult(Operation.PRUNE, failure.code, failure.message),)


def _forgotten(removed: Sequence[Snapshot], kept: Sequence[Snapshot], remark: str = "") -> OperationResult:
    message = forgotten_message(removed, kept) + remark
    log.info(message)
    return done(Operation.FORGET, message)
