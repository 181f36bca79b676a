"""What tests with servers share, and what a machine may lack for them.

Each server is started for the first test that asks, in each process of the test run.
"""

import secrets
from collections.abc import Iterator

import pytest

from integration.controller import control_plane
from integration.image.pod import UNPACKED_ENGINE
from integration.servers import azure as azurite
from integration.servers import google as fake_gcs_server
from integration.servers import minio
from integration.servers import rest as rest_servers
from integration.servers import sftp as sshd
from integration.servers import swift as swift_servers
from integration.servers.available import s3_server
from integration.servers.azure import AzureServer, azure_server
from integration.servers.google import GoogleServer, google_server
from integration.servers.rest import RestServer, rest_server
from integration.servers.s3 import S3Server
from integration.servers.sftp import SftpServer, sftp_server
from integration.servers.swift import SwiftServer, swift_server
from tests.support import memory_group, needs
from tests.support.movers import fresh, history, mover, prepared_movers, restic, saved

__all__ = ["fresh", "history", "mover", "prepared_movers", "restic", "saved"]

NEEDS = {
    "minio": ("install Go for MinIO, then run `make tools`", minio.BINARY.exists()),
    "rest-server": ("run `make tools` on a Debian", rest_servers.BINARY.exists()),
    "sshd": ("install openssh-server and openssh-client, or run `make tools` on a Debian", sshd.is_there()),
    "azurite": ("install Node.js with npm and Go, then run `make tools`", azurite.is_there()),
    "fake-gcs-server": ("install Go, then run `make tools`", fake_gcs_server.is_there()),
    "swift": ("run `make tools` on a Debian", swift_servers.is_there()),
    "memory groups": ("let root make control groups with memory limits", memory_group.is_there()),
    "own engine": ("stop the Docker engine that is running, then run `make test`", UNPACKED_ENGINE.exists()),
    "kubernetes": ("install Go on a Debian for a control plane, then run `make tools`", control_plane.is_there()),
}
for name_, (advice, is_there) in NEEDS.items():
    needs.register(name_, advice, is_there=is_there)


@pytest.fixture
def name() -> str:
    """The name of a bucket, container or folder that is not there yet."""
    return f"backups-{secrets.token_hex(6)}"


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server on loopback, MinIO if it is there; each test uses a bucket of its own."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestServer]:
    with rest_server(tmp_path_factory.mktemp("rest")) as server:
        yield server


@pytest.fixture(scope="session")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with sftp_server(tmp_path_factory.mktemp("sftp")) as server:
        yield server


@pytest.fixture(scope="session")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureServer]:
    with azure_server(tmp_path_factory.mktemp("azure")) as server:
        yield server


@pytest.fixture(scope="session")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleServer]:
    with google_server(tmp_path_factory.mktemp("google")) as server:
        yield server


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwiftServer]:
    with swift_server(tmp_path_factory.mktemp("swift")) as server:
        yield server
