"""A volume backed up to an S3 server through a proxy that counts what goes by."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from integration.servers.available import s3_server
from integration.servers.counting import Traffic, counting
from integration.servers.s3 import S3Server
from tests.support.mover_process import Mover, Result


@dataclass(frozen=True)
class Cost:
    """What a run of the mover cost."""

    requests: int
    kinds: Mapping[str, int]
    processes: int
    """Of restic."""
    ran: Result


@dataclass(frozen=True)
class Counted:
    """A mover with a repository behind the proxy."""

    mover: Mover
    traffic: Traffic

    def run(self, *operations: str, **settings: str) -> Cost:
        """Run the mover, and count."""
        self.traffic.forget()
        ran = self.mover.succeeds(*operations, **settings)
        kinds = dict(self.traffic.kinds)
        return Cost(sum(kinds.values()), kinds, ran.outcome["restic"]["processes"], ran)


@contextmanager
def counted_server(folder: Path) -> Iterator[tuple[S3Server, Traffic]]:
    """Run an S3 server, seen through the proxy."""
    with s3_server(folder) as server, counting(server.endpoint) as traffic:
        yield server.at(traffic.endpoint), traffic


def counted(mover: Mover, server: S3Server, traffic: Traffic) -> Counted:
    """Add ten files in two folders to a mover's volume, and move its empty repository to the server."""
    for number in range(10):
        path = mover.data / f"folder {number % 2}" / f"file {number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(100_000))
    bucket = f"counted-{os.urandom(6).hex()}"
    server.make_bucket(bucket)
    with server.client() as client:
        for name in ("config", *(f"keys/{key.name}" for key in (mover.repository / "keys").iterdir())):
            client.fput_object(bucket, name, str(mover.repository / name))
    settings = {**server.environment(), "RESTIC_REPOSITORY": server.repository(bucket)}
    return Counted(mover.with_settings(**settings), traffic)
