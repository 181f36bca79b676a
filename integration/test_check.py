"""Checks that are stopped half-way, or that the backend leaves: nothing is recorded that did not happen."""

import os
import signal
from collections.abc import Iterator

import psutil
import pytest

from integration.servers.available import s3_server
from integration.servers.relay import Relay, relay
from integration.servers.s3 import S3Server
from tests.support.mover_process import Mover

MEBI = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as started:
        yield started


@pytest.fixture
def between(server: S3Server) -> Iterator[Relay]:
    with relay(server.endpoint) as running:
        yield running


@pytest.fixture
def mover(fresh: Mover, server: S3Server, between: Relay) -> Mover:
    """A mover that has backed up a volume to a repository behind the relay, and is to check all of it."""
    (fresh.data / "file").write_bytes(os.urandom(24 * MEBI))
    seen = server.at(between.endpoint)
    repository = seen.repository(f"check-{os.urandom(6).hex()}")
    mover = fresh.with_settings(
        **seen.environment(), RESTIC_REPOSITORY=repository, CHECK_SUBSETS="1", RETRY_TIMEOUT="2s"
    )
    mover.succeeds("backup")
    return mover


def half_way(between: Relay) -> None:
    """Wait until a check under way has read a part of the data, and hold it there."""
    between.throttle(4 * MEBI)
    between.wait_until_passed(between.passed + 8 * MEBI)
    between.hang()


def checks(mover: Mover) -> tuple[object, object]:
    """Return what the marker file knows of checks."""
    marker = mover.read_marker()
    return marker["checked"], marker["rotation"]


def test_a_stopped_check_records_nothing_and_is_repeated(mover: Mover, between: Relay) -> None:
    before = checks(mover)
    process = mover.start("check")
    half_way(between)

    process.send_signal(signal.SIGTERM)
    between.throttle(None)
    between.let_pass()
    ran = mover.ended(process)

    assert ran.exit_code == 143
    assert ran.outcome["checked"] is None
    assert checks(mover) == before
    assert mover.scratch() == []
    assert mover.succeeds("check").outcome["checked"]["subset"] == "1/1", "its lock should be gone"


def test_the_next_check_removes_what_a_killed_one_left(mover: Mover, between: Relay) -> None:
    before = checks(mover)
    process = mover.start("check")
    half_way(between)

    restic = psutil.Process(process.pid).children()
    process.kill()
    for child in restic:
        child.kill()
    mover.ended(process)
    between.throttle(None)
    between.let_pass()

    assert checks(mover) == before
    assert mover.scratch(), "a killed mover can't remove anything"
    mover.succeeds("check")
    assert mover.scratch() == []


def test_an_outage_during_a_check_is_not_reported_as_damage(mover: Mover, between: Relay) -> None:
    before = checks(mover)
    process = mover.start("check")
    half_way(between)

    between.refuse()
    ran = mover.ended(process)

    assert (ran.exit_code, ran.outcome["outcome"]) == (22, "unreachable")
    assert checks(mover) == before
