"""Runs a restic command until it succeeds or fails for good: retries in outages, recoveries after failures.

Operations see one command and one result, however many processes it took.
"""

from collections.abc import Callable
from typing import NamedTuple

from mover.restic.process_result import ProcessResult
from mover.restic.recovery import Recovery
from mover.restic.restic_command import Command
from mover.restic.retries import OutputT, RetryingRestic


class ResticRunner(NamedTuple):
    """Runs restic commands, with retries and recoveries."""

    retrying: RetryingRestic
    recoveries: tuple[Recovery, ...]
    """Tried in this order after a failure, until one asks for a retry."""

    def run(self, command: Command, new_output: Callable[[], OutputT]) -> tuple[OutputT, ProcessResult]:
        """Run a command to its end; the output is that of the last process alone."""
        clock = self.retrying.clock
        began = clock.monotonic()
        while True:
            output, result = self.retrying.run(command, new_output)
            waited = clock.monotonic() - began
            if not any(recovery.try_recover(result, waited) for recovery in self.recoveries):
                return output, result
