"""What an operation can access; it never includes the outcome of the run."""

from collections.abc import Callable
from typing import NamedTuple

from mover.config.operation import Operation
from mover.config.settings import Settings
from mover.platform.clock import Clock
from mover.reporting.operation_result import OperationResult, SavedSnapshot
from mover.restic.repository import Repository
from mover.state.repository_state import RepositoryState, VolumeState
from mover.state.store import StateStore
from mover.warning_reasons import Warn


class OperationContext(NamedTuple):
    """The arguments of an operation."""

    settings: Settings
    repository: Repository
    store: StateStore
    """What is kept between runs."""
    clock: Clock
    warn: Warn
    """Keeps a warning for the outcome, and logs it."""
    sleep: Callable[[float], None]
    """Waits so many seconds; raises ``Failure`` if the run is asked to end meanwhile."""
    results: tuple[OperationResult, ...] = ()
    """Results of the earlier operations of this run."""

    @property
    def state(self) -> RepositoryState:
        """What is kept of the repository."""
        return self.store.state

    @property
    def volume(self) -> VolumeState:
        """What is kept of this run's volume."""
        return self.state.volume(self.settings.host, self.settings.data)

    def has_run(self, operation: Operation) -> bool:
        """Whether an earlier result of this run is that operation's."""
        return any(result.operation is operation for result in self.results)

    @property
    def saved_snapshot(self) -> SavedSnapshot | None:
        """The snapshot that this run's backup has saved."""
        return next((result.snapshot for result in self.results if result.snapshot), None)
