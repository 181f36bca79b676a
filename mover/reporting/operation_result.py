"""What an operation gives back: how it ended, and the facts it has found out on the way.

An operation that did anything at all returns a result, whatever its exit code, so that no fact is lost: a partial
backup has a snapshot, a restore that failed has files in the volume. One that did nothing raises ``Failure``.
"""

from dataclasses import dataclass
from datetime import datetime

from mover.config.operation import Operation
from mover.exit_codes import ExitCode
from mover.restic.parsers import FailedFiles
from mover.state.check_rotation import Verified


@dataclass(frozen=True)
class SavedSnapshot:
    """The snapshot a backup made. Files and directories are counts, ``bytes`` and ``added`` are bytes."""

    id: str
    time: datetime
    files: int
    bytes: int
    new: int
    changed: int
    added: int
    complete: bool
    """False if some of the files could not be read."""


@dataclass(frozen=True)
class Restored:
    """What a restore put into the volume; ``complete`` is false if it ended before all was there."""

    id: str
    time: datetime
    files: int
    bytes: int
    found: int
    """Entries at the volume's root before."""
    complete: bool


@dataclass(frozen=True)
class Checked:
    """What a check that found no error has looked at."""

    time: datetime
    subset: str | None
    """The part of the data that was read, such as ``2/5``."""
    last_verified: Verified | None
    """The last test restore of this volume, which may be an earlier run's."""


@dataclass(frozen=True)
class OperationResult:
    """How one operation ended, and what came of it. A fact is ``None`` if the operation has none of its kind."""

    operation: Operation
    code: ExitCode
    message: str
    """One line: what was done, or what failed and what to do."""
    snapshot: SavedSnapshot | None = None
    unchanged: bool = False
    """Nothing had changed since the last snapshot, which therefore stands for this run's."""
    restored: Restored | None = None
    pruned: datetime | None = None
    checked: Checked | None = None
    unreadable: FailedFiles | None = None
    ended_at: float | None = None
    """Monotonic time at which the operation ended, in seconds, if restic's process went on after it."""

    @property
    def backup_saved(self) -> bool:
        """Whether the run's backup is in the repository, so that a later failure can't undo it."""
        return self.snapshot is not None or self.unchanged


def done(operation: Operation, message: str) -> OperationResult:
    """Make the result of an operation that succeeded and has no facts."""
    return OperationResult(operation, ExitCode.DONE, message)
