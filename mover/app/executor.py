"""Runs the operations of a plan in order. Only the executor writes results into the outcome."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from mover.app.plan import Plan
from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext
from mover.operations.missing_repository import nothing_to_do
from mover.operations.registry import REGISTRY
from mover.operations.step import Step, When
from mover.reporting.operation_result import OperationResult
from mover.reporting.outcome import FinishedOperation, Outcome
from mover.reporting.run_exit_code import of_operation

log = logging.getLogger(__name__)


def execute(plan: Plan, context: OperationContext, outcome: Outcome) -> None:
    """Run the steps until all are done or one fails; the results are in ``outcome``."""
    for step in plan:
        began = context.clock.monotonic()
        try:
            results = _perform(step, context._replace(results=outcome.results))
        except Exception:  # an internal error ends the run; record it as this step's result
            fault = OperationResult(step.operation, ExitCode.FAULT, "")
            outcome.operations.append(FinishedOperation(fault, context.clock.monotonic() - began))
            raise
        for result in results:
            ended = context.clock.monotonic() if result.ended_at is None else result.ended_at
            _record(result, ended - began, outcome)
            began = ended
        if not all(finished.result.code.continues_chain for finished in outcome.operations):
            break


def _perform(step: Step, context: OperationContext) -> Sequence[OperationResult]:
    """Return the results of a step; none if it had nothing to do."""
    try:
        return _run(step, context)
    except Failure as failure:
        return (OperationResult(step.operation, failure.code, failure.message),)


def _run(step: Step, context: OperationContext) -> Sequence[OperationResult]:
    registered = REGISTRY[step.operation]
    try:
        if step.when is When.DUE and registered.is_due and not registered.is_due(context):
            return ()
        return registered.run(context, step)
    except Failure as failure:
        if not registered.is_done_without_repository:
            raise
        return (nothing_to_do(step.operation, failure, context),)


def _record(result: OperationResult, seconds: float, outcome: Outcome) -> None:
    """Add a result to the outcome, with its exit code in this run."""
    backup_saved = any(earlier.backup_saved for earlier in outcome.results)
    code = of_operation(result.operation, result.code, backup_saved=backup_saved)
    outcome.operations.append(FinishedOperation(replace(result, code=code), seconds))
    if code is not ExitCode.DONE:
        log.error(result.message)
