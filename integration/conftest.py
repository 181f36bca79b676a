"""The S3 server that tests share: one for each process of the test run."""

from collections.abc import Iterator

import pytest

from integration.servers.available import s3_server
from integration.servers.s3 import S3Server


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server on loopback, MinIO where it is there; each test uses a bucket of its own."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server
