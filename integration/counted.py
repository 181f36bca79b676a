"""A volume backed up to an S3 server through a proxy that counts what goes by."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from integration.servers.available import s3_server
from integration.servers.counting import Traffic, counting
from integration.servers.s3 import S3Server
from tests.checked import NEWEST, Place, Ran


@dataclass(frozen=True)
class Cost:
    """What a run of the mover cost."""

    requests: int
    kinds: Mapping[str, int]
    processes: int
    """Of restic."""
    ran: Ran


@dataclass(frozen=True)
class Counted:
    """A volume with an empty cache, and a repository of its own behind the proxy."""

    place: Place
    traffic: Traffic
    settings: Mapping[str, str]

    def run(self, *operations: str, **settings: str) -> Cost:
        """Run the mover, and count."""
        self.traffic.forget()
        ran = self.place.run(*operations, settings={**self.settings, **settings})
        kinds = dict(self.traffic.kinds)
        return Cost(sum(kinds.values()), kinds, ran.outcome["restic"]["processes"], ran)


@contextmanager
def counted_server(folder: Path) -> Iterator[tuple[S3Server, Traffic]]:
    """Run an S3 server, seen through the proxy."""
    with s3_server(folder) as server, counting(server.endpoint) as traffic:
        yield server.at(traffic.endpoint), traffic


def counted(folder: Path, server: S3Server, traffic: Traffic, restic: str = NEWEST) -> Counted:
    """Make a volume of ten files in two folders, and settings for a repository of its own."""
    place = Place(folder, restic)
    for number in range(10):
        path = place.data / f"folder {number % 2}" / f"file {number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(100_000))
    bucket = f"counted-{os.urandom(6).hex()}"
    return Counted(place, traffic, {**server.environment(), "RESTIC_REPOSITORY": server.repository(bucket)})
