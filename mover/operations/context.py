"""One run of the mover: what its operations work with, and the record they leave."""

from dataclasses import dataclass, field
from datetime import datetime

from mover.config.settings import Settings
from mover.exit_codes import ExitCode, Failure
from mover.platform.clock import Clock
from mover.reporting.outcome import OperationOutcome, Outcome
from mover.restic.repository import Repository
from mover.state.repository_state import RepositoryState, VolumeState
from mover.state.store import StateStore


@dataclass
class OperationContext:
    """Everything an operation may use."""

    settings: Settings
    repository: Repository
    record: StateStore
    clock: Clock
    outcome: Outcome
    _began: float = field(default=0.0, init=False)

    @property
    def marker(self) -> RepositoryState:
        """What is remembered of the repository."""
        return self.record.marker

    @property
    def memory(self) -> VolumeState:
        """What the marker knows of this run's volume."""
        return self.marker.volume(self.settings.host, self.settings.data)

    def begin(self, operation: str) -> None:
        """Open the record of an operation."""
        self._began = self.clock.monotonic()
        self.outcome.operations.append(OperationOutcome(operation))

    def end(self, code: ExitCode, message: str) -> None:
        """Close the record of the operation that is under way."""
        record = self.outcome.operations[-1]
        record.code, record.message = code, message
        record.seconds = self.clock.monotonic() - self._began

    def first_snapshot(self) -> datetime | None:
        """When the repository's oldest snapshot was made: looked up once, then remembered by the marker."""
        if self.marker.since is None:
            listed = self.repository.all_snapshots().snapshots
            self.marker.since = min((snapshot.time for snapshot in listed), default=None)
            if self.marker.since:
                self.record.remember()
        return self.marker.since

    def nothing_there(self, failure: Failure) -> bool:
        """Whether a failure only means that nothing was ever backed up.

        Raises:
            Failure: there was a repository here, and now it is gone.
        """
        if failure.code is not ExitCode.NO_REPOSITORY:
            return False
        if self.marker.knows_a_snapshot:
            raise self.gone() from failure
        return True

    def gone(self) -> Failure:
        """Make the failure of a repository that was there last time."""
        known = max((v.snapshot for v in self.marker.volumes.values() if v.snapshot), key=lambda k: k.time)
        return Failure(
            ExitCode.NO_REPOSITORY,
            f"The repository {self.repository.shown} is gone, though snapshot {known.id[:8]} was saved in it; "
            "find out what happened to it (REPOSITORY_INIT=always lets a backup make a new one).",
        )
