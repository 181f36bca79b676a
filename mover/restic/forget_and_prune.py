"""The end of a forget with a prune in the same process: which of the two succeeded."""

from typing import NamedTuple

from mover.exit_codes import Failure
from mover.restic.parsers import ForgetOutput


class ForgetAndPrune(NamedTuple):
    """How far ``restic forget --prune`` got, over all processes, if an outage made restic run several times.

    restic prunes only if it has removed a snapshot, after it has printed its list.
    """

    outputs: tuple[ForgetOutput, ...]
    """One for each process. A first one may have forgotten and been cut off in its prune; the next then forgets
    nothing more, and skips the prune."""
    failure: Failure | None
    """Why the last process failed."""

    @property
    def forgotten(self) -> ForgetOutput | None:
        """The list of the process that removed snapshots; ``None`` if none did."""
        return next((output for output in self.outputs if output.removed), None)

    @property
    def has_pruned(self) -> bool:
        """Whether the prune has succeeded."""
        return self.failure is None and bool(self.outputs[-1].removed)
