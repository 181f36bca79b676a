"""A backend that comes back within `RETRY_TIMEOUT`: the run goes on by itself, and nothing is missing."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration.servers.flaky import Flaky, flaky
from integration.servers.relay import Relay, relay
from integration.servers.s3 import S3Server
from tests.support import volumes
from tests.support.mover_process import Mover, leave_nothing_of

MEBI = 1024 * 1024
LONG_TIMEOUT = {"RETRY_TIMEOUT": "120s"}

as_it_is_created = pytest.mark.fault("outage while the repository is created")
in_a_backup = pytest.mark.fault("outage during a backup")


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[Flaky]:
    with flaky(s3.endpoint) as proxy:
        yield proxy


@pytest.fixture
def between(s3: S3Server) -> Iterator[Relay]:
    with relay(s3.endpoint) as between:
        yield between


def behind(address: str, s3: S3Server, mover: Mover) -> Mover:
    """Return a mover with a repository of its own on the server, seen through a proxy or relay."""
    server = s3.at(address)
    repository = server.repository(f"bucket-{secrets.token_hex(6)}")
    return mover.with_settings(**server.environment(), RESTIC_REPOSITORY=repository, **LONG_TIMEOUT)


@contextmanager
def started(mover: Mover, operation: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a run, and leave nothing of it if the test fails."""
    process = mover.start(operation)
    try:
        yield process
    finally:
        leave_nothing_of(process)


def wait_for_a_retry(process: subprocess.Popen[bytes]) -> None:
    """Read the log of a run until it says that it retries."""
    assert process.stdout
    for line in process.stdout:
        if b"RETRY_TIMEOUT" in line:
            return
    raise AssertionError("the run ended without a retry")


@pytest.mark.parametrize(
    "part",
    [
        pytest.param("/", id="bucket", marks=as_it_is_created),
        pytest.param("/config", id="config", marks=as_it_is_created),
        pytest.param("/data/", id="pack", marks=in_a_backup),
    ],
)
def test_a_first_backup_survives_a_failed_request(
    fresh: Mover, s3: S3Server, proxy: Flaky, part: str, exit_code: int
) -> None:
    proxy.fail("PUT", part, times=1)
    mover = behind(proxy.endpoint, s3, fresh)
    assert mover.run("backup").exit_code == exit_code
    assert proxy.failed == 1, "the server should have failed"
    assert mover.succeeds("check", CHECK_SUBSETS="1").outcome["checked"]["subset"] == "1/1"


@pytest.mark.fault("outage during a forget")
def test_a_forget_survives_a_failed_request(fresh: Mover, s3: S3Server, proxy: Flaky, exit_code: int) -> None:
    mover = behind(proxy.endpoint, s3, fresh)
    mover.succeeds("backup")
    proxy.fail("DELETE", "/snapshots/", times=1)
    result = mover.run("backup", "prune", RETAIN_LAST="1")
    assert result.exit_code == exit_code
    assert proxy.failed == 1
    assert result.operations == [("backup", "done"), ("forget", "done"), ("prune", "done")]


@pytest.mark.fault("outage during a restore")
def test_a_restore_survives_a_failed_request(
    fresh: Mover, s3: S3Server, proxy: Flaky, exit_code: int, tmp_path: Path
) -> None:
    mover = behind(proxy.endpoint, s3, fresh)
    mover.succeeds("backup", RESTIC_CACHE_DIR=str(tmp_path / "elsewhere"))
    proxy.fail("GET", "/data/", times=1)
    assert mover.into(tmp_path / "target").run("restore").exit_code == exit_code
    assert proxy.failed == 1
    assert volumes.differences(fresh.data, tmp_path / "target") == []


@in_a_backup
def test_a_backup_survives_an_outage_before_it_begins(
    fresh: Mover, s3: S3Server, between: Relay, exit_code: int
) -> None:
    between.refuse()
    mover = behind(between.endpoint, s3, fresh)
    with started(mover, "backup") as process:
        wait_for_a_retry(process)
        between.let_pass()
        assert mover.ended(process).exit_code == exit_code


@in_a_backup
def test_a_backup_survives_an_outage_in_the_middle(fresh: Mover, s3: S3Server, between: Relay, exit_code: int) -> None:
    (fresh.data / "large").write_bytes(os.urandom(24 * MEBI))
    mover = behind(between.endpoint, s3, fresh)
    between.throttle(8 * MEBI)
    with started(mover, "backup") as process:
        between.wait_until_passed(6 * MEBI)
        between.refuse()
        wait_for_a_retry(process)
        between.throttle(None)
        between.let_pass()
        ended = mover.ended(process)
    assert ended.exit_code == exit_code
    assert ended.outcome["snapshot"]["complete"] is True
    assert mover.succeeds("check", CHECK_SUBSETS="1").outcome["checked"]["subset"] == "1/1"


@pytest.mark.fault("outage during a restore")
def test_a_restore_survives_an_outage_in_the_middle(
    fresh: Mover, s3: S3Server, between: Relay, exit_code: int, tmp_path: Path
) -> None:
    (fresh.data / "large").write_bytes(os.urandom(24 * MEBI))
    mover = behind(between.endpoint, s3, fresh)
    mover.succeeds("backup")
    begun = between.passed
    between.throttle(8 * MEBI)
    target = mover.into(tmp_path / "target")
    with started(target, "restore") as process:
        between.wait_until_passed(begun + 6 * MEBI)
        between.refuse()
        wait_for_a_retry(process)
        between.throttle(None)
        between.let_pass()
        assert target.ended(process).exit_code == exit_code
    assert volumes.differences(fresh.data, tmp_path / "target") == []
