"""The code that runs each operation; ``config/operation.py`` has their names, help and traits.

The modules are imported only when they run: most runs are backups, and need neither restore nor check.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mover.config.operation import Operation
from mover.operations.context import OperationContext
from mover.operations.intervals import check_is_due, prune_is_due
from mover.operations.step import Step, When
from mover.reporting.operation_result import OperationResult

Results = Sequence[OperationResult]


class RegisteredOperation(NamedTuple):
    """An operation and how it is run."""

    run: Callable[[OperationContext, Step], Results]
    is_due: Callable[[OperationContext], bool] | None = None
    """Whether its interval has passed; ``None`` for an operation that has none."""
    is_done_without_repository: bool = False
    """Whether there is nothing to do, rather than a failure, if no repository was ever made."""


def _backup(context: OperationContext, _: Step) -> Results:
    from mover.operations import backup  # noqa: PLC0415

    return backup.run(context)


def _forget(context: OperationContext, step: Step) -> Results:
    from mover.operations import forget, prune  # noqa: PLC0415

    prune_too = {When.ALWAYS: prune.may_run_now, When.DUE: prune.is_due_now}
    return forget.run(context, prune_too[step.prune] if step.prune else forget.without_prune)


def _prune(context: OperationContext, step: Step) -> Results:
    from mover.operations import prune  # noqa: PLC0415

    return prune.run(context, may_wait=step.when is When.ALWAYS)


def _check(context: OperationContext, _: Step) -> Results:
    from mover.operations import check  # noqa: PLC0415

    return check.run(context)


def _restore(context: OperationContext, _: Step) -> Results:
    from mover.operations import restore  # noqa: PLC0415

    return restore.run(context)


def _unlock(context: OperationContext, _: Step) -> Results:
    from mover.operations import unlock  # noqa: PLC0415

    return unlock.run(context)


def _prune_is_due(context: OperationContext) -> bool:
    # A prune earlier in this run settles it, without asking the repository.
    return not context.has_run(Operation.PRUNE) and prune_is_due(context)


REGISTRY = {
    Operation.BACKUP: RegisteredOperation(_backup),
    Operation.FORGET: RegisteredOperation(_forget),
    Operation.PRUNE: RegisteredOperation(_prune, _prune_is_due, is_done_without_repository=True),
    Operation.CHECK: RegisteredOperation(_check, check_is_due, is_done_without_repository=True),
    Operation.RESTORE: RegisteredOperation(_restore),
    Operation.UNLOCK: RegisteredOperation(_unlock, is_done_without_repository=True),
}
