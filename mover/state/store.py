"""The state of a repository while a run works with it: changed in memory, and saved as things happen.

If the state cannot be saved, the run warns and never fails.
What the entries of the run journal mean is in ``run_journal``, the file in ``marker_file``.
"""

import errno
from dataclasses import dataclass

from mover.config.operation import Operation
from mover.platform.cache_volume import CacheVolume
from mover.platform.clock import Clock
from mover.state import run_journal
from mover.state.marker_file import MarkerFile
from mover.state.repository_state import RepositoryState
from mover.state.run_journal import RunEntry
from mover.warning_reasons import Warn, WarningReason


@dataclass
class StateStore:
    """A repository's state, its file, and the entry of this run in its journal."""

    state: RepositoryState
    file: MarkerFile
    cache: CacheVolume
    clock: Clock
    warn: Warn
    this_run: RunEntry

    @property
    def unfinished_runs(self) -> list[RunEntry]:
        """The runs of the journal that began before this one and did not end."""
        return run_journal.unfinished(self.state.runs, self.this_run)

    def begin_run(self) -> list[RunEntry]:
        """Enter this run into the journal, before restic starts; return the unfinished runs not reported so far."""
        unreported = [run for run in self.unfinished_runs if not run.reported]
        self.state.uploading |= any(Operation.BACKUP in run.operations for run in unreported)
        self.state.runs = run_journal.with_current(self.state.runs, self.this_run)
        self.save()
        return unreported

    def end_run(self, *, may_have_left_lock: bool) -> None:
        """Take this run out of the journal, unless one of its restic processes may have left its lock in place."""
        self.state.runs = run_journal.without_current(
            self.state.runs, self.this_run, may_have_left_lock=may_have_left_lock
        )
        self.save()

    def note_exclusive_lock(self) -> None:
        """Forget the unfinished runs: restic had the repository to itself, so no lock of theirs can be left."""
        self.state.runs = [self.this_run]

    def note_removed_locks(self, all_of_them: bool) -> None:  # noqa: FBT001  called by the recovery from locks
        """Record that locks were removed: for some minutes no prune may run."""
        if all_of_them:
            self.note_exclusive_lock()
        self.state.unlocked = self.clock.now()
        self.save()

    def save(self) -> None:
        """Write the marker file; if that fails the run goes on."""
        if self.cache.problem:
            return
        try:
            self._save()
        except OSError as error:
            message = f"Marker file {self.file.path} cannot be written: {error.strerror}"
            self.warn(WarningReason.STATE_NOT_SAVED, message)

    def _save(self) -> None:
        try:
            self.file.save(self.state)
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            # A few hundred bytes that matter more than restic's cache, which is only a copy.
            self.cache.wipe()
            self.file.save(self.state)
