"""An action after a failed restic command so that a retry can succeed: see ``cache_recovery`` and ``locks``."""

from typing import Protocol

from mover.restic.process_result import ProcessResult


class Recovery(Protocol):
    """An action that may let a failed command succeed when retried."""

    def try_recover(self, result: ProcessResult, waited: float) -> bool:
        """Recover from the failure, if this recovery applies; return whether to retry the command.

        ``waited``: seconds since the first attempt. It may replace ``result.failure`` by one that says more.
        """
