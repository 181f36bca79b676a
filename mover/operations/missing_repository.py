"""What it means that restic finds no repository: nothing was ever backed up, or something is gone.

The state kept between runs decides: if it has a snapshot, the repository has disappeared, and no operation may ignore
that or create a new one.
"""

import logging

from mover.config.operation import Operation
from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext
from mover.reporting.operation_result import OperationResult, done

log = logging.getLogger(__name__)


def check_not_gone(failure: Failure, context: OperationContext) -> None:
    """Do nothing unless the repository is missing although the state has a snapshot in it.

    Raises:
        Failure: there was a repository here.
    """
    if failure.code is ExitCode.NO_REPOSITORY and context.state.has_known_snapshot:
        raise _gone(context) from failure


def nothing_to_do(operation: Operation, failure: Failure, context: OperationContext) -> OperationResult:
    """Make the result of an operation for which there is no repository yet.

    Raises:
        Failure: the failure itself if it is of another kind; another one if there was a repository here.
    """
    if failure.code is not ExitCode.NO_REPOSITORY:
        raise failure
    check_not_gone(failure, context)
    message = f"nothing to {operation}: the repository does not exist yet"
    log.info(message)
    return done(operation, message)


def _gone(context: OperationContext) -> Failure:
    known = max((v.snapshot for v in context.state.volumes.values() if v.snapshot), key=lambda snapshot: snapshot.time)
    return Failure(
        ExitCode.NO_REPOSITORY,
        f"Repository {context.repository.shown} is gone: snapshot {known.id[:8]} was saved in it earlier; "
        "find out what happened to it (REPOSITORY_INIT=always lets a backup create a new one)",
    )
