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
from tests import volumes
from tests.mover_process import Mover, leave_nothing_of

MEBI = 1024 * 1024
PATIENCE = {"RETRY_TIMEOUT": "120s"}

as_it_is_created = pytest.mark.fault("backend away for a while as the repository is created")
in_a_backup = pytest.mark.fault("backend away for a while in a backup")


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
    return mover.with_settings(**server.environment(), RESTIC_REPOSITORY=repository, **PATIENCE)


@contextmanager
def started(mover: Mover, operation: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a run, and leave nothing of it where the test fails."""
    process = mover.start(operation)
    try:
        yield process
    finally:
        leave_nothing_of(process)


def wait_for_a_retry(process: subprocess.Popen[bytes]) -> None:
    """Read the log of a run until it says that it waits for the backend."""
    assert process.stdout
    for line in process.stdout:
        if b"trying again" in line:
            return
    raise AssertionError("the run ended without a retry")


class TestSomeRequestsFail:
    @pytest.mark.parametrize(
        "part",
        [
            pytest.param("/", id="bucket", marks=as_it_is_created),
            pytest.param("/config", id="config", marks=as_it_is_created),
            pytest.param("/data/", id="pack", marks=in_a_backup),
        ],
    )
    def test_in_a_first_backup(self, fresh: Mover, s3: S3Server, proxy: Flaky, part: str, verdict: int) -> None:
        proxy.fail("PUT", part, times=1)
        mover = behind(proxy.endpoint, s3, fresh)
        assert mover.run("backup").exit_code == verdict
        assert proxy.failed == 1, "the server should have failed"
        assert mover.succeeds("check", CHECK_SUBSETS="1").outcome["checked"]["subset"] == "1/1"

    @pytest.mark.fault("backend away for a while in a forget")
    def test_in_a_forget(self, fresh: Mover, s3: S3Server, proxy: Flaky, verdict: int) -> None:
        mover = behind(proxy.endpoint, s3, fresh)
        mover.succeeds("backup")
        proxy.fail("DELETE", "/snapshots/", times=1)
        result = mover.run("backup", "prune", RETAIN_LAST="1")
        assert result.exit_code == verdict
        assert proxy.failed == 1
        assert result.operations == [("backup", "done"), ("forget", "done"), ("prune", "done")]

    @pytest.mark.fault("backend away for a while in a restore")
    def test_in_a_restore(self, fresh: Mover, s3: S3Server, proxy: Flaky, verdict: int, tmp_path: Path) -> None:
        mover = behind(proxy.endpoint, s3, fresh)
        mover.succeeds("backup", RESTIC_CACHE_DIR=str(tmp_path / "elsewhere"))
        proxy.fail("GET", "/data/", times=1)
        assert mover.into(tmp_path / "target").run("restore").exit_code == verdict
        assert proxy.failed == 1
        assert volumes.differences(fresh.data, tmp_path / "target") == []


class TestEveryConnectionIsCut:
    @in_a_backup
    def test_before_a_backup_begins(self, fresh: Mover, s3: S3Server, between: Relay, verdict: int) -> None:
        between.refuse()
        mover = behind(between.endpoint, s3, fresh)
        with started(mover, "backup") as process:
            wait_for_a_retry(process)
            between.let_pass()
            assert mover.ended(process).exit_code == verdict

    @in_a_backup
    def test_in_the_middle_of_a_backup(self, fresh: Mover, s3: S3Server, between: Relay, verdict: int) -> None:
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
        assert ended.exit_code == verdict
        assert ended.outcome["snapshot"]["complete"] is True
        assert mover.succeeds("check", CHECK_SUBSETS="1").outcome["checked"]["subset"] == "1/1"

    @pytest.mark.fault("backend away for a while in a restore")
    def test_in_the_middle_of_a_restore(
        self, fresh: Mover, s3: S3Server, between: Relay, verdict: int, tmp_path: Path
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
            assert target.ended(process).exit_code == verdict
        assert volumes.differences(fresh.data, tmp_path / "target") == []
