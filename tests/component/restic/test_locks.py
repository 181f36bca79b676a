"""Proven stale locks are removed, live ones are waited for; with real locks of real restic."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from mover.app.bootstrap import RuntimeContext, repository_of_run, restic_with_retries
from mover.config.environment_reader import EnvironmentReader
from mover.config.restic_variables import redactor
from mover.config.settings import read_settings
from mover.exit_codes import ExitCode, Failure
from mover.platform.cache_volume import CacheVolume
from mover.platform.clock import Clock
from mover.platform.file_lock import FileLock
from mover.platform.signals import ShutdownSignal
from mover.restic.locks import UNREFRESHED_SECONDS
from mover.restic.process_cost import ProcessCost
from mover.restic.repository import Repository
from mover.state.marker_file import MarkerFile
from mover.state.run_journal import this_run
from mover.state.store import StateStore
from mover.warning_reasons import log_warning
from tests.support.killed_runs import (
    ANOTHER_BOOT,
    EXCLUSIVE,
    SHARED,
    add_unfinished_run,
    holder,
    leave_stale_lock,
    locks,
)
from tests.support.mover_process import Mover
from tests.support.restic_versions import both_restics
from tests.support.running_mover import running_mover

HERE = os.uname().nodename


@pytest.mark.fault("lock of a killed run, on the same node")
@both_restics
@pytest.mark.parametrize("arguments", [SHARED, EXCLUSIVE], ids=["shared", "exclusive"])
def test_the_lock_of_a_killed_run_is_removed_on_the_same_boot_of_the_node(
    mover: Mover, arguments: tuple[str, ...]
) -> None:
    leave_stale_lock(mover, arguments)
    add_unfinished_run(mover)
    result = mover.succeeds("check")
    assert locks(mover) == set()
    (removal,) = [record for record in result.records if record["level"] == "warning" and "reason" not in record]
    assert HERE in removal["message"]
    assert mover.read_marker()["runs"] == []


def test_two_stale_locks_are_both_removed(mover: Mover) -> None:
    leave_stale_lock(mover)
    leave_stale_lock(mover)
    add_unfinished_run(mover)
    mover.succeeds("check")
    assert locks(mover) == set()


@pytest.mark.needs("root")
def test_a_stale_lock_is_recognised_by_the_name_of_its_pod(mover: Mover) -> None:
    lock = leave_stale_lock(mover, EXCLUSIVE, host="a-former-pod")
    add_unfinished_run(mover, host="another-pod")
    result = mover.fails(11, "backup", LOCK_TIMEOUT="1s")
    assert "a-former-pod" in result.message
    assert locks(mover) == {lock}
    add_unfinished_run(mover, host="a-former-pod")
    mover.succeeds("backup")
    assert locks(mover) == set()


@pytest.mark.fault("lock of an unknown process")
def test_a_lock_of_no_run_in_the_journal_stays(mover: Mover) -> None:
    lock = leave_stale_lock(mover)
    result = mover.fails(11, "check", LOCK_TIMEOUT="1s")
    assert locks(mover) == {lock}
    assert HERE in result.message
    assert "`restic unlock --remove-all`" in result.message


def test_a_lock_is_not_proven_stale_where_the_node_has_restarted_since(mover: Mover) -> None:
    lock = leave_stale_lock(mover)
    add_unfinished_run(mover, boot=ANOTHER_BOOT)
    mover.fails(11, "check", LOCK_TIMEOUT="1s")
    assert locks(mover) == {lock}


@pytest.mark.fault("lock of a killed run beside a live lock")
def test_a_stale_lock_stays_beside_a_live_lock(mover: Mover) -> None:
    leave_stale_lock(mover)
    add_unfinished_run(mover)
    with holder(mover) as alive:
        both = locks(mover)
        result = mover.fails(11, "check", LOCK_TIMEOUT="1s")
        assert locks(mover) == both, "restic can't remove one lock alone"
        assert f"PID {alive.pid} " in result.message
        assert HERE in result.message


def test_an_unreadable_lock_is_ignored(mover: Mover) -> None:
    (mover.repository / "locks" / ("0" * 64)).touch()
    mover.succeeds("backup", RETAIN_LAST="1")


@pytest.mark.fault("live lock")
@both_restics
def test_a_live_lock_is_waited_for_and_then_named(mover: Mover) -> None:
    with holder(mover) as alive:
        result = mover.fails(11, "check", LOCK_TIMEOUT="1s")
        assert len(locks(mover)) == 1
    assert f"PID {alive.pid} " in result.message
    assert HERE in result.message
    assert "LOCK_TIMEOUT" in result.message
    assert result.operations == [("check", "locked")]


def test_a_live_lock_is_live_whatever_the_journal_says(mover: Mover) -> None:
    with holder(mover) as alive:
        add_unfinished_run(mover)
        assert f"PID {alive.pid} " in mover.fails(11, "check", LOCK_TIMEOUT="1s").message
        assert len(locks(mover)) == 1


def test_a_run_continues_once_a_live_lock_is_released(mover: Mover) -> None:
    with holder(mover) as alive, running_mover(mover, "check") as run:
        run.says("LOCK_TIMEOUT")
        alive.communicate(b"", timeout=100)
        assert run.ends_with(0).operations == [("check", "done")]


def test_a_backup_saves_its_snapshot_despite_a_live_lock(mover: Mover) -> None:
    with holder(mover):
        result = mover.fails(20, "backup", RETAIN_LAST="1", LOCK_TIMEOUT="1s")
    assert result.operations == [("backup", "done"), ("forget", "maintenance-failed")]
    assert mover.read_marker()["volumes"], "the snapshot is recorded"


STEP_SECONDS = 100.0
"""The shortest sleep in simulated seconds, as each look at the locks starts a real process."""


@dataclass
class SimulatedTime:
    """Time that passes only during sleeps."""

    seconds: float = 0.0

    def monotonic(self) -> float:
        return self.seconds


class SimulatedSleep(ShutdownSignal):
    """Sleeps in simulated time."""

    def __init__(self, time: SimulatedTime) -> None:
        super().__init__()
        self._time = time

    def sleep(self, seconds: float) -> None:
        self._time.seconds += max(seconds, STEP_SECONDS)


@contextmanager
def watching(mover: Mover, time: SimulatedTime, *, file_lock: bool = True) -> Iterator[Repository]:
    """Have a repository for the length of a block, with the journal and the lock on the cache volume of a run."""
    environment = mover.environment()
    redact = redactor(environment)
    settings = read_settings(EnvironmentReader(environment, redact))
    clock, shutdown = Clock(monotonic=time.monotonic), SimulatedSleep(time)
    cache, lock = CacheVolume(settings.cache, log_warning), FileLock(settings.cache)
    cache.prepare()
    if file_lock:
        lock.acquire(0, clock, shutdown)
    file, now = MarkerFile(settings.cache, settings.repository.id), datetime.now(UTC)
    store = StateStore(file.load(now)[0], file, cache, clock, log_warning, this_run(now, ["check"]))
    runtime = RuntimeContext(shutdown, clock, ProcessCost(), lambda _: None, redact, "0")
    try:
        with restic_with_retries(settings, cache, runtime, lock) as retrying:
            yield repository_of_run(retrying, settings, store, lock)
    finally:
        lock.release()


@pytest.mark.fault("lock of a run whose node was lost")
@pytest.mark.parametrize("of", ["another node", "a file system whose locks prove nothing"])
def test_a_lock_that_is_not_refreshed_for_six_minutes_is_stale(mover: Mover, of: str) -> None:
    leave_stale_lock(mover)
    add_unfinished_run(mover, boot=ANOTHER_BOOT if of == "another node" else "")
    time = SimulatedTime()
    with watching(mover, time, file_lock=of == "another node") as repository:
        repository.repair_index()
    assert locks(mover) == set()
    assert UNREFRESHED_SECONDS <= time.seconds < UNREFRESHED_SECONDS + STEP_SECONDS
    assert mover.read_marker()["unlocked"], "so that nothing is pruned for some minutes"


def test_a_lock_of_an_unknown_host_is_never_stale(mover: Mover) -> None:
    lock = leave_stale_lock(mover)
    time = SimulatedTime()
    with watching(mover, time) as repository, pytest.raises(Failure) as failure:
        repository.repair_index()
    assert failure.value.code is ExitCode.LOCKED
    assert locks(mover) == {lock}
    assert time.seconds >= 600, "LOCK_TIMEOUT"


def test_a_lock_that_its_holder_refreshes_is_live(mover: Mover) -> None:
    add_unfinished_run(mover, boot=ANOTHER_BOOT)
    old = leave_stale_lock(mover)
    renewing = Renewing(mover, old)
    with watching(mover, renewing) as repository, pytest.raises(Failure) as failure:
        repository.repair_index()
    assert failure.value.code is ExitCode.LOCKED
    assert locks(mover) == {renewing.lock}
    assert renewing.times == 2


class Renewing(SimulatedTime):
    """Time in which the holder of a lock replaces it every five minutes, as restic does to refresh it."""

    def __init__(self, mover: Mover, lock: str) -> None:
        super().__init__()
        self._mover = mover
        self.lock, self.times = lock, 0

    def monotonic(self) -> float:
        if self.seconds >= 300 * (self.times + 1):
            self.times += 1
            renewed = leave_stale_lock(self._mover)
            (self._mover.repository / "locks" / self.lock).unlink()
            self.lock = renewed
        return self.seconds
