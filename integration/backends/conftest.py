"""The backends, by name: a server each, started once for each process of the test run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from integration.servers.azure import AzureServer
from integration.servers.backend import WRONG, Backend
from integration.servers.google import GoogleServer
from integration.servers.rest import RestServer
from integration.servers.s3 import S3Server
from integration.servers.sftp import SftpServer
from integration.servers.swift import SwiftServer
from tests.support import volumes
from tests.support.mover_process import Mover

SERVERS = (
    pytest.param("s3"),
    pytest.param("rest", marks=pytest.mark.needs("rest-server")),
    pytest.param("sftp", marks=pytest.mark.needs("root", "sshd")),
    pytest.param("rclone"),
    pytest.param("azure", marks=pytest.mark.needs("root", "azurite")),
    pytest.param("google", marks=pytest.mark.needs("fake-gcs-server")),
    pytest.param("swift", marks=pytest.mark.needs("swift")),
)
EVERYWHERE = (*SERVERS, pytest.param("local"))


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Backend:
    """The backend that the test is parametrized with."""
    found = request.getfixturevalue(f"{request.param}_backend")
    assert isinstance(found, Backend)
    return found


@pytest.fixture
def mover(using: Callable[[Backend], Mover], backend: Backend) -> Mover:
    """A mover with a small volume that keeps its snapshots on the backend."""
    return using(backend)


@pytest.fixture
def using(tmp_path: Path) -> Callable[[Backend], Mover]:
    """Makes the mover of a backend."""
    volumes.small(tmp_path / "data")

    def mover(backend: Backend) -> Mover:
        settings = {**backend.variables, "RESTIC_REPOSITORY": backend.repository}
        return Mover(tmp_path, tmp_path / "data", backend.search_path, settings, backend.launcher)

    return mover


@pytest.fixture
def s3_backend(s3: S3Server, name: str) -> Backend:
    wrong = {"AWS_SECRET_ACCESS_KEY": WRONG}
    return Backend(s3.repository(name, "prefix"), s3.environment(), (s3.secret_key,), wrong)


@pytest.fixture
def rclone_backend(s3: S3Server, name: str) -> Backend:
    """A remote of rclone's, configured by its variables alone."""
    remote = {
        "TYPE": "s3",
        "PROVIDER": "Minio",
        "ENDPOINT": s3.endpoint,
        "ACCESS_KEY_ID": s3.access_key,
        "SECRET_ACCESS_KEY": s3.secret_key,
    }
    variables = {f"RCLONE_CONFIG_NAS_{option}": value for option, value in remote.items()}
    wrong = {"RCLONE_CONFIG_NAS_SECRET_ACCESS_KEY": WRONG}
    return Backend(f"rclone:nas:{name}/prefix", variables, (s3.secret_key,), wrong)


@pytest.fixture
def local_backend(tmp_path: Path, name: str) -> Backend:
    return Backend(str(tmp_path / name), {})


@pytest.fixture
def rest_backend(rest: RestServer, name: str) -> Backend:
    return rest.backend(name)


@pytest.fixture
def sftp_backend(sftp: SftpServer, name: str) -> Backend:
    return sftp.backend(name)


@pytest.fixture
def azure_backend(azure: AzureServer, name: str) -> Backend:
    return azure.backend(name)


@pytest.fixture
def google_backend(google: GoogleServer, name: str) -> Backend:
    google.make_bucket(name)
    return google.backend(name)


@pytest.fixture
def swift_backend(swift: SwiftServer, name: str) -> Backend:
    return swift.backend(name)
