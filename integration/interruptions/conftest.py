"""A volume with two snapshots on an S3 server, seen through a gate; prepared once, and copied for each test."""

import io
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from minio.commonconfig import CopySource

from integration.servers.gate import Gate, gate
from integration.servers.s3 import S3Server
from mover.config.repository_location import RepositoryLocation
from mover.config.secrets import Secret
from mover.state.marker_file import MarkerFile
from tests.support.mover_process import PASSWORD, Mover
from tests.support.movers import PreparedMovers
from tests.support.quick_key import quick_key
from tests.support.restic_versions import NEWEST, OLDEST

MEBI = 1024 * 1024
BUCKET = "interruptions"


@dataclass(frozen=True)
class Gated:
    """A mover, the gate that it reaches its repository through, and what is in that repository."""

    mover: Mover
    gate: Gate
    server: S3Server
    prefix: str

    def named(self, kind: str) -> set[str]:
        """Return the ids of files of one kind, such as snapshots, asked for behind the gate's back."""
        return {Path(name).name for name in self.server.objects(BUCKET, f"{self.prefix}/{kind}/")}

    def read_marker(self) -> dict[str, Any]:
        """Return what the marker file holds."""
        return dict(json.loads(marker(self.mover).read_text()))

    def restic(self, *arguments: str) -> str:
        """Ask restic itself about the repository, which should succeed."""
        done = subprocess.run(
            [self.mover.search_path / "restic", "--no-cache", *arguments],
            env=self.mover.environment(),
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, f"restic {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout


def settings(server: S3Server, prefix: str) -> dict[str, str]:
    """Return what it takes to reach a repository in the bucket."""
    return {**server.environment(), "RESTIC_REPOSITORY": server.repository(BUCKET, prefix), "RESTIC_PACK_SIZE": "4"}


def quicken(server: S3Server, prefix: str) -> None:
    """Give a repository a key that opens at once."""
    (slow,) = server.objects(BUCKET, f"{prefix}/keys/")
    with server.client() as client:
        response = client.get_object(BUCKET, slow)
        with response:
            name, content = quick_key(response.read(), PASSWORD)
        client.put_object(BUCKET, f"{prefix}/keys/{name}", io.BytesIO(content), len(content))
        client.remove_object(BUCKET, slow)


def marker(mover: Mover) -> Path:
    """Return where the marker file of a repository on S3 is."""
    return MarkerFile(mover.cache, RepositoryLocation(Secret(mover.settings["RESTIC_REPOSITORY"]), "").id).path


@pytest.fixture(scope="session")
def gated_server(s3: S3Server) -> Iterator[Gate]:
    with gate(s3.endpoint) as running:
        with s3.client() as client:
            if not client.bucket_exists(BUCKET):
                client.make_bucket(BUCKET)
        yield running


@pytest.fixture(scope="session")
def prepared(
    s3: S3Server, gated_server: Gate, prepared_movers: PreparedMovers, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Gated]:
    """For each restic, a mover with two snapshots of which the first holds data of its own."""
    made = {}
    for restic in (NEWEST, OLDEST):
        folder, prefix = tmp_path_factory.mktemp("prepared"), f"prepared-{os.urandom(4).hex()}"
        mover = Mover(
            folder, folder / "data", prepared_movers.search_path(restic), settings(s3.at(gated_server.endpoint), prefix)
        )
        mover.data.mkdir()
        for name in ("kept", "removed"):
            (mover.data / name).write_bytes(os.urandom(2 * MEBI))
        mover.succeeds("backup")
        quicken(s3, prefix)
        (mover.data / "removed").unlink()
        mover.succeeds("backup")
        (mover.data / "new").write_bytes(os.urandom(6 * MEBI))
        made[restic] = Gated(mover, gated_server, s3, prefix)
    return made


@pytest.fixture
def gated(prepared: dict[str, Gated], restic: str, tmp_path: Path) -> Iterator[Gated]:
    """A copy of what was prepared; the volume, which must not be written to, has a new file since."""
    original = prepared[restic]
    prefix = f"copy-{os.urandom(4).hex()}"
    with original.server.client() as client:
        for name in original.server.objects(BUCKET, f"{original.prefix}/"):
            copy = prefix + name.removeprefix(original.prefix)
            client.copy_object(BUCKET, copy, CopySource(BUCKET, name))
    shutil.copytree(original.mover.cache, tmp_path / "cache")
    seen = original.server.at(original.gate.endpoint)
    mover = replace(original.mover, folder=tmp_path, settings=settings(seen, prefix))
    (tmp_path / "cache" / marker(original.mover).name).rename(marker(mover))
    yield Gated(mover, original.gate, original.server, prefix)
    original.gate.open()


def living_restics(mover: Mover) -> list[str]:
    """Name the restics that still work on a mover's repository."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("RESTIC_REPOSITORY") == mover.settings["RESTIC_REPOSITORY"]:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found
