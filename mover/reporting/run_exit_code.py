"""The exit code of a run, decided here and nowhere else: from an operation's failure to the code of the process.

1. ``of_operation``: an operation's own code; MAINTENANCE_FAILED if maintenance failed after a saved backup.
2. ``of_run``: one code out of those of all operations.
3. ``of_process``: what the caller gets: 0 for the codes that it treats as success.
"""

from collections.abc import Collection, Sequence

from mover.config.operation import Operation
from mover.exit_codes import ExitCode


def of_operation(operation: Operation, code: ExitCode, *, backup_saved: bool) -> ExitCode:
    """Return the exit code of one operation; maintenance that fails after a saved backup has a code of its own.

    A run that was interrupted keeps the code of the interruption.
    """
    failed = code is not ExitCode.DONE and not code.is_interruption
    return ExitCode.MAINTENANCE_FAILED if failed and backup_saved and operation.is_maintenance else code


def of_run(codes: Sequence[ExitCode]) -> ExitCode:
    """Choose among the codes of the operations: an interruption, else partial, else the first failure."""
    failures = [code for code in codes if code is not ExitCode.DONE]
    interruptions = [code for code in failures if code.is_interruption]
    partial = [code for code in failures if code is ExitCode.PARTIAL]
    return next(iter([*interruptions, *partial, *failures]), ExitCode.DONE)


def of_process(code: ExitCode, treat_as_success: Collection[int]) -> int:
    """Return the exit code of the process: 0 for what the caller treats as success (TREAT_AS_SUCCESS)."""
    return ExitCode.DONE if code in treat_as_success else code
