"""The contenders of the benchmark: the mover and restic alone, each with its own repository and cache."""

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
    """What a contender needed for one case."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds."""
    own_cpu: float
    """Of `cpu`, the seconds used by the mover itself, without restic."""
    own_memory: int
    """Peak resident memory of the mover itself in bytes, without restic."""
    memory: int
    """Peak resident memory of the largest process in bytes."""
    processes: int
    """Number of restic processes."""
    kinds: Mapping[str, int]
    """S3 requests by kind, such as GET."""
    sent: int
    """Bytes."""
    received: int
    """Bytes."""


@dataclass
class Contender:
    """A repository behind the proxy that counts requests, and a cache.

    Its `mover` and `raw` do the same work, by the mover and by restic alone.
    """

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
        self.reset_repository()

    def reset_repository(self) -> None:
        """Create a new repository; the cache has nothing of it yet."""
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
        """The folder to restore into."""
        return self.folder / "restored"

    def warm_up(self) -> None:
        """Run one backup, so that the page cache and the mover's cached restic version are as in any later run."""
        self.mover(["backup"], {})

    def clear_last_prune(self) -> None:
        """Remove the last prune from the marker file, so that LAST_PRUNED counts and a prune is due."""
        for marker in (self.folder / "cache").glob("mover-*.json"):
            marker.write_text(json.dumps({**json.loads(marker.read_text()), "pruned": None}))

    def mover(self, operations: Sequence[str], settings: Mapping[str, str]) -> Cost:
        """Run the mover and measure it."""
        self.traffic.forget()
        command = [sys.executable, "-m", "mover", *operations]
        environment = {**self.environment, "LOG_FORMAT": "json", **settings}
        run = measured(command, environment, self.folder)
        restic = json.loads(run.output.splitlines()[-1])["restic"]
        own = run.cpu - restic["cpuSeconds"]
        return self._cost([run], own, run.own, restic["processes"])

    def raw(self, commands: Sequence[Sequence[str]]) -> Cost:
        """Run restic commands one after the other and measure them."""
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
