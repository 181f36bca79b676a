"""Forget: the retention policy, applied after a backup that saved a snapshot."""

import logging

from mover.app.plan import Step, When
from mover.config.operation import Operation
from mover.exit_codes import ExitCode, Failure
from mover.operations import prune
from mover.operations.context import OperationContext
from mover.platform.units import count
from mover.restic.messages import Snapshot
from mover.restic.parsers import ForgetOutput

log = logging.getLogger(__name__)


def perform(run: OperationContext, step: Step) -> str | None:
    """Forget what the policy does not keep; prune in the same process where that is due as well."""
    retention = run.settings.retention
    snapshot, complete = run.outcome.snapshot, run.memory.complete
    if snapshot is None or retention is None:
        return None
    if complete and not snapshot.complete:
        return _forget_but(run, retention.flags, complete.id)
    if _prunes(run, step):
        try:
            return _forget_and_prune(run, retention.flags)
        except Failure as failure:
            if not prune.removed_locks(run, failure):
                raise
    answer = run.repository.forget(run.settings.data, retention.flags)
    run.record.had_an_exclusive_lock()
    return _told(answer.removed, answer.kept)


def _prunes(run: OperationContext, step: Step) -> bool:
    if step.prune is When.ASKED:
        return prune.seconds_to_wait(run) <= 0
    return step.prune is When.DUE and prune.is_due(run)


def _forget_but(run: OperationContext, flags: tuple[str, ...], spared: str) -> str:
    """Have restic decide, then remove all it would remove but one: no flag of a policy can name a snapshot."""
    decision = run.repository.forget(run.settings.data, [*flags, "--dry-run"])
    removed = [snapshot for snapshot in decision.removed if snapshot.id != spared]
    if removed:
        run.repository.remove(removed)
    kept = [*decision.kept, *(snapshot for snapshot in decision.removed if snapshot.id == spared)]
    return _told(removed, kept, f", the last complete one ({spared[:8]}) among them")


def _forget_and_prune(run: OperationContext, flags: tuple[str, ...]) -> str | None:
    """Do both in one process; where restic removed nothing it skips the prune, and that is left to the next step."""

    def decided(answer: ForgetOutput) -> None:
        if answer.removed and not _is_pruning(run):
            run.end(ExitCode.DONE, _told(answer.removed, answer.kept))
            run.begin(Operation.PRUNE)

    answer = run.repository.forget(run.settings.data, [*flags, "--prune"], decided)
    if not _is_pruning(run):
        return _told(answer.removed, answer.kept)
    if not answer.removed:
        # A first process forgot them, and was cut off before its prune was done; this one skipped it.
        run.repository.prune()
    return prune.record(run)


def _is_pruning(run: OperationContext) -> bool:
    return run.outcome.operations[-1].operation == Operation.PRUNE


def _told(removed: list[Snapshot], kept: list[Snapshot], remark: str = "") -> str:
    told = f"{count(len(removed), 'snapshot')} forgotten, {len(kept)} kept{remark}"
    log.info(told)
    return told
