"""The points of a run at which it is caught: the first S3 request of its kind."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from integration.interruptions.conftest import Gated
from tests.support.running_mover import RunningMover

KEEP_ONE = {"RETAIN_LAST": "1"}
PRUNE_EACH_TIME = {"PRUNE_INTERVAL_DAYS": "0"}


@dataclass(frozen=True)
class Phase:
    """A point of a run: the operations asked for, and the request it is caught at, as a pattern."""

    name: str
    request: str
    operations: Sequence[str] = ("backup",)
    settings: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def hold(self, gated: Gated, *, after: bool = False) -> None:
        """Have the gate hold the request."""
        pattern = re.compile(f"{self.request}")
        gated.gate.hold(lambda method, path, _: bool(pattern.search(f"{method} {path}")), after=after)

    def reached(self, gated: Gated, run: RunningMover) -> None:
        """Wait until the run is there."""
        gated.gate.wait_until_held()
        assert run.process.poll() is None


LOCKING = Phase("locking", "PUT .*/locks/")
UPLOADING = Phase("backup", "PUT .*/data/")
INDEXING = Phase("index", "PUT .*/index/")
SAVING = Phase("snapshot", "PUT .*/snapshots/")
UNLOCKING = Phase("unlocking", "DELETE .*/locks/")
FORGETTING = Phase("forget", "DELETE .*/snapshots/", settings=KEEP_ONE)
PRUNING = Phase("prune", "DELETE .*/(data|index)/", settings=KEEP_ONE | PRUNE_EACH_TIME)
RESTORING = Phase("restore", "GET .*/data/", operations=("restore",))
