"""Carrying out a plan, step by step, by the rules of a chain."""

import importlib
import logging
from collections.abc import Callable

from mover.app.plan import Plan, Step
from mover.config.operation import Operation
from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext

log = logging.getLogger(__name__)

UPKEEP = {Operation.FORGET, Operation.PRUNE, Operation.CHECK}


def execute(plan: Plan, run: OperationContext) -> None:
    """Perform the steps until all are done or one failed for good; the outcome of the run says which."""
    for step in plan:
        code = _perform(step, run)
        if not code.continues_chain:
            break


def _perform(step: Step, run: OperationContext) -> ExitCode:
    run.begin(step.operation)
    try:
        done = _function_of(step.operation)(run, step)
    except Failure as failure:
        code = _weighed(failure.code, run)
        run.end(code, failure.sentence)
        log.error(failure.sentence)
        return code
    if done is None:
        run.outcome.operations.pop()
    else:
        run.end(ExitCode.DONE, done)
    return ExitCode.DONE


def _function_of(operation: Operation) -> Callable[[OperationContext, Step], str | None]:
    """Load an operation where it is needed: most runs are backups, and need neither restore nor check."""
    perform: Callable[[OperationContext, Step], str | None] = importlib.import_module(
        f"mover.operations.{operation}"
    ).perform
    return perform


def _weighed(code: ExitCode, run: OperationContext) -> ExitCode:
    """Failed upkeep does not undo a backup: it has a code of its own, unless somebody stopped the run."""
    upkeep = run.outcome.operations[-1].operation in UPKEEP
    return ExitCode.MAINTENANCE_FAILED if upkeep and run.outcome.backup_saved and not code.is_interruption else code
