"""The servers that tests share: each started for the first test that asks, in each process of the test run."""

import secrets
from collections.abc import Iterator

import pytest

from integration.servers.available import s3_server
from integration.servers.azure import AzureServer, azure_server
from integration.servers.google import GoogleServer, google_server
from integration.servers.rest import RestServer, rest_server
from integration.servers.s3 import S3Server
from integration.servers.sftp import SftpServer, sftp_server
from integration.servers.swift import SwiftServer, swift_server


@pytest.fixture
def name() -> str:
    """The name of a bucket, container or folder that is not there yet."""
    return f"backups-{secrets.token_hex(6)}"


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server on loopback, MinIO where it is there; each test uses a bucket of its own."""
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
