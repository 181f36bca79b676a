"""The two that are compared: raw restic and the mover, each with a repository and a cache of its own."""

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure import Measured, measured
from integration.servers.counting import Traffic
from integration.servers.s3 import TOOLS, S3Server

HOST = "bench"
RESTIC = str(TOOLS / "restic")


@dataclass(frozen=True)
class Cost:
    """What a side took for one case."""

    wall: float
    cpu: float
    own_cpu: float
    """Seconds that the mover itself took of them."""
    own_memory: int
    """Bytes of the mover itself, beside restic."""
    memory: int
    """Bytes of the largest process."""
    processes: int
    """Of restic."""
    kinds: Mapping[str, int]
    sent: int
    received: int


@dataclass
class Side:
    """A repository behind the counting proxy, and a cache."""

    folder: Path
    server: S3Server
    traffic: Traffic
    data: Path
    _number: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "restic").symlink_to(RESTIC)
        self.start_anew()

    def start_anew(self) -> None:
        """Make another repository, of which the cache holds nothing yet."""
        self._number += 1
        bucket = f"{self.folder.name}-{self._number}"
        self.environment = {
            **self.server.environment(),
            "PATH": f"{self.folder / 'bin'}:{os.defpath}",
            "HOME": str(self.folder),
            "RESTIC_REPOSITORY": self.server.repository(bucket),
            "RESTIC_PASSWORD": "bench",
            "RESTIC_CACHE_DIR": str(self.folder / "cache"),
            "RESTIC_HOST": HOST,
            "RESTIC_FEATURES": "device-id-for-hardlinks=true",
            "DATA_DIR": str(self.data),
        }
        measured([RESTIC, "init"], self.environment, self.folder)

    @property
    def target(self) -> Path:
        """Where to restore to."""
        return self.folder / "restored"

    def warm_up(self) -> None:
        """Fill the volume's cache, and have the mover know its restic, as after the first run."""
        self.mover(["backup"], {})

    def forget_the_last_prune(self) -> None:
        """Have the mover believe its LAST_PRUNED, so that a prune is due by interval."""
        for marker in (self.folder / "cache").glob("mover-*.json"):
            marker.write_text(json.dumps({**json.loads(marker.read_text()), "pruned": None}))

    def mover(self, operations: Sequence[str], settings: Mapping[str, str]) -> Cost:
        """Run the mover."""
        self.traffic.forget()
        command = [sys.executable, "-m", "mover", *operations]
        environment = {**self.environment, "LOG_FORMAT": "json", **settings}
        run = measured(command, environment, self.folder)
        restic = json.loads(run.output.splitlines()[-1])["restic"]
        own = run.cpu - restic["cpuSeconds"]
        return self._cost([run], own, run.own, restic["processes"])

    def raw(self, commands: Sequence[Sequence[str]]) -> Cost:
        """Run restic, one command after the other."""
        self.traffic.forget()
        runs = [measured([RESTIC, *command], self.environment, self.data) for command in commands]
        return self._cost(runs, 0.0, 0, len(runs))

    def _cost(self, runs: Sequence[Measured], own_cpu: float, own_memory: int, processes: int) -> Cost:
        return Cost(
            wall=sum(run.wall for run in runs),
            cpu=sum(run.cpu for run in runs),
            own_cpu=own_cpu,
            own_memory=own_memory,
            memory=max(run.largest for run in runs),
            processes=processes,
            kinds=Counter(self.traffic.kinds),
            sent=self.traffic.sent,
            received=self.traffic.received,
        )
