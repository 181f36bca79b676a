"""What is kept between runs: the marker, written as things happen, and the journal of this run in it."""

import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from mover.config.operation import Operation
from mover.platform.cache_volume import CacheVolume
from mover.platform.clock import Clock
from mover.platform.units import size
from mover.state.repository_state import MarkerFile, RepositoryState
from mover.state.run_journal import RunEntry

log = logging.getLogger(__name__)


@dataclass
class StateStore:
    """The marker of a repository while a run works with it."""

    marker: RepositoryState
    file: MarkerFile
    cache: CacheVolume
    clock: Clock
    warn: Callable[[str], None]
    this_run: RunEntry

    def begin(self) -> None:
        """Enter this run into the journal, before restic starts, and tell of those that did not end."""
        for dead in self.unfinished_runs:
            if not dead.told:
                self.warn(_unended(dead))
                self.marker.uploading |= Operation.BACKUP in dead.operations
        self.marker.runs = [*(replace(dead, told=True) for dead in self.unfinished_runs), self.this_run]
        self.remember()

    def end(self, *, left_a_lock: bool) -> None:
        """Take this run out of the journal, unless one of its restic processes may have left its lock in place."""
        if left_a_lock:
            self.marker.runs = [*self.unfinished_runs, replace(self.this_run, told=True)]
        else:
            self.marker.runs = self.unfinished_runs
        self.remember()

    @property
    def unfinished_runs(self) -> list[RunEntry]:
        """The runs of the journal that began before this one and did not end."""
        return [run for run in self.marker.runs if run != self.this_run]

    def had_an_exclusive_lock(self) -> None:
        """Forget the dead runs: restic had the repository for itself, so no lock of theirs can be left."""
        self.marker.runs = [self.this_run]

    def removed_locks(self, all_of_them: bool) -> None:  # noqa: FBT001  what the remedy for locks calls
        """Note that locks were removed: for some minutes nobody may rely on having the repository for itself."""
        if all_of_them:
            self.marker.runs = [self.this_run]
        self.marker.unlocked = self.clock.now()
        self.remember()

    def remember(self) -> None:
        """Write the marker; where that fails the run goes on, as the repository matters more."""
        if self.cache.problem:
            return
        try:
            self._save()
        except OSError as error:
            self.warn(f"The marker file {self.file.path} can't be written ({error.strerror}).")

    def _save(self) -> None:
        try:
            self.file.save(self.marker)
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            # A few hundred bytes that matter more than restic's cache, which is only a copy.
            self.cache.wipe()
            self.file.save(self.marker)


def _unended(dead: RunEntry) -> str:
    """Say that a run did not end; where the kernel killed restic and the mover at once, only this run can tell."""
    memory = (
        f" (for want of memory, if its limit of {size(dead.memory_limit)} was too small)" if dead.memory_limit else ""
    )
    return (
        f"The run on {dead.described()} did not end: it was killed{memory}, or its node was lost. "
        "Its locks are removed where they are in the way."
    )
