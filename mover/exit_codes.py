"""The exit codes of the mover, and the failure that carries one.

Every layer speaks of failures in these terms, so this module imports nothing of the project. Which of them is the exit
code of a run is chosen in ``reporting/run_exit_code.py``.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of the mover, restic's own as far as it has them (docs/exit-codes.md says what to do)."""

    DONE = 0
    FAULT = 1
    USAGE = 2
    PARTIAL = 3
    NO_REPOSITORY = 10
    LOCKED = 11
    WRONG_PASSWORD = 12
    MAINTENANCE_FAILED = 20
    REFUSED = 21
    UNREACHABLE = 22
    NO_SPACE = 23
    DAMAGED = 24
    NO_SNAPSHOT = 25
    OUT_OF_MEMORY = 26
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def outcome(self) -> str:
        """The name in the outcome object, such as ``no-repository``."""
        return self.name.lower().replace("_", "-")

    @property
    def continues_chain(self) -> bool:
        """Whether the next operation of a chain still runs after this."""
        return self in {ExitCode.DONE, ExitCode.PARTIAL, ExitCode.MAINTENANCE_FAILED}

    @property
    def is_interruption(self) -> bool:
        """Whether somebody asked the mover to end."""
        return self in {ExitCode.INTERRUPTED, ExitCode.TERMINATED}


class Failure(Exception):  # noqa: N818  it is the outcome of an operation, as often the environment's as ours
    """An operation did not do what it was asked to. Its message is one line that a person can act on."""

    def __init__(self, code: ExitCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
