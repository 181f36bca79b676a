"""Locks of dead runs are removed by proof, those of the living are waited for; with real locks of real restic."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from mover.app.bootstrap import RuntimeContext, attempts, remedied
from mover.config.field_reader import Reader
from mover.config.restic_variables import redactor
from mover.config.settings import read_settings
from mover.exit_codes import Failure
from mover.platform.cache_volume import CacheVolume
from mover.platform.clock import Clock
from mover.platform.file_lock import FileLock
from mover.platform.signals import ShutdownSignal
from mover.reporting.outcome import ResticCost
from mover.restic.locks import UNREFRESHED
from mover.restic.repository import Repository
from mover.state.repository_state import MarkerFile
from mover.state.run_journal import this_run
from mover.state.store import StateStore
from tests.left_behind import ANOTHER_BOOT, EXCLUSIVE, SHARED, holder, leave_a_lock, locks, remember_a_run
from tests.mover_process import Mover
from tests.restics import both_restics
from tests.started import started

HERE = os.uname().nodename


class TestTheLockOfADeadRun:
    @pytest.mark.fault("lock of a killed run, on the same node")
    @both_restics
    @pytest.mark.parametrize("arguments", [SHARED, EXCLUSIVE], ids=["shared", "exclusive"])
    def test_is_removed_where_the_node_has_not_restarted_since(self, mover: Mover, arguments: tuple[str, ...]) -> None:
        leave_a_lock(mover, arguments)
        remember_a_run(mover)
        result = mover.succeeds("check")
        assert locks(mover) == set()
        assert "Removing the lock of a run that was killed: process" in result.messages
        assert mover.remembered()["runs"] == []

    def test_is_removed_beside_another_one_of_a_dead_run(self, mover: Mover) -> None:
        leave_a_lock(mover)
        leave_a_lock(mover)
        remember_a_run(mover)
        mover.succeeds("check")
        assert locks(mover) == set()

    @pytest.mark.needs("root")
    def test_is_known_by_the_name_of_its_pod(self, mover: Mover) -> None:
        left = leave_a_lock(mover, EXCLUSIVE, host="a-pod-that-is-gone")
        remember_a_run(mover, host="another-pod")
        result = mover.fails(11, "backup", LOCK_TIMEOUT="1s")
        assert "on host a-pod-that-is-gone for" in result.message
        assert locks(mover) == {left}
        remember_a_run(mover, host="a-pod-that-is-gone")
        mover.succeeds("backup")
        assert locks(mover) == set()

    @pytest.mark.fault("lock that nobody knows")
    def test_stays_where_no_run_of_the_journal_can_have_made_it(self, mover: Mover) -> None:
        left = leave_a_lock(mover)
        result = mover.fails(11, "check", LOCK_TIMEOUT="1s")
        assert locks(mover) == {left}
        assert f"on host {HERE} for " in result.message
        assert "`restic unlock --remove-all`" in result.message

    def test_is_not_proven_dead_where_the_node_has_restarted_since(self, mover: Mover) -> None:
        left = leave_a_lock(mover)
        remember_a_run(mover, boot=ANOTHER_BOOT)
        mover.fails(11, "check", LOCK_TIMEOUT="1s")
        assert locks(mover) == {left}

    @pytest.mark.fault("lock of a killed run beside that of somebody alive")
    def test_stays_beside_that_of_somebody_alive(self, mover: Mover) -> None:
        leave_a_lock(mover)
        remember_a_run(mover)
        with holder(mover) as alive:
            both = locks(mover)
            result = mover.fails(11, "check", LOCK_TIMEOUT="1s")
            assert locks(mover) == both, "restic can't remove one lock alone"
            assert f"locked by process {alive.pid} on host {HERE} for" in result.message

    def test_that_is_torn_keeps_nobody_out(self, mover: Mover) -> None:
        (mover.repository / "locks" / ("0" * 64)).touch()
        mover.succeeds("backup", RETAIN_LAST="1")


class TestTheLockOfSomebodyAlive:
    @pytest.mark.fault("lock of somebody alive")
    @both_restics
    def test_is_waited_for_and_then_named(self, mover: Mover) -> None:
        with holder(mover) as alive:
            result = mover.fails(11, "check", LOCK_TIMEOUT="1s")
            assert len(locks(mover)) == 1
        assert f"The repository is locked by process {alive.pid} on host {HERE} for " in result.message
        assert result.operations == [("check", "locked")]

    def test_is_alive_whatever_the_journal_says(self, mover: Mover) -> None:
        with holder(mover) as alive:
            remember_a_run(mover)
            assert f"process {alive.pid}" in mover.fails(11, "check", LOCK_TIMEOUT="1s").message
            assert len(locks(mover)) == 1

    def test_may_be_gone_in_time(self, mover: Mover) -> None:
        with holder(mover) as alive, started(mover, "check") as run:
            run.says("The repository is locked by")
            alive.communicate(b"", timeout=100)
            assert run.ends_with(0).operations == [("check", "done")]

    def test_keeps_no_backup_from_saving_its_snapshot(self, mover: Mover) -> None:
        with holder(mover):
            result = mover.fails(20, "backup", RETAIN_LAST="1", LOCK_TIMEOUT="1s")
        assert result.operations == [("backup", "done"), ("forget", "maintenance-failed")]
        assert mover.remembered()["volumes"], "the snapshot is remembered"


STEP = 100.0
"""Seconds: each look at a lock costs real processes, so that the simulated sleeper sleeps at least so long."""


@dataclass
class SimulatedTime:
    """Time that passes only where somebody sleeps."""

    seconds: float = 0.0

    def monotonic(self) -> float:
        return self.seconds


class SleepingLight(ShutdownSignal):
    """Sleeps in simulated time."""

    def __init__(self, time: SimulatedTime) -> None:
        super().__init__()
        self._time = time

    def sleep(self, seconds: float) -> None:
        self._time.seconds += max(seconds, STEP)


@contextmanager
def watching(mover: Mover, time: SimulatedTime, *, file_lock: bool = True) -> Iterator[Repository]:
    """Have a repository for the length of a block, with the journal and the lock on the cache volume of a run."""
    environment = mover.environment()
    redact = redactor(environment)
    settings = read_settings(Reader(environment, redact))
    clock, stopping = Clock(monotonic=time.monotonic), SleepingLight(time)
    cache, lock = CacheVolume(settings.cache), FileLock(settings.cache)
    cache.prepare()
    if file_lock:
        lock.take(0, clock, stopping)
    file, now = MarkerFile(settings.cache, settings.repository.id), datetime.now(UTC)
    record = StateStore(file.load(now)[0], file, cache, clock, lambda _: None, this_run(now, ["check"]))
    around = RuntimeContext(stopping, clock, ResticCost(), lambda _: None, redact, "0")
    try:
        with attempts(settings, cache, around) as plain:
            yield remedied(plain, settings, record, lock)
    finally:
        lock.release()


class TestALockThatIsNotRenewed:
    @pytest.mark.fault("lock of a run whose node was lost")
    @pytest.mark.parametrize("of", ["another node", "a file system whose locks prove nothing"])
    def test_is_dead_after_six_minutes_of_watching(self, mover: Mover, of: str) -> None:
        leave_a_lock(mover)
        remember_a_run(mover, boot=ANOTHER_BOOT if of == "another node" else "")
        time = SimulatedTime()
        with watching(mover, time, file_lock=of == "another node") as repository:
            repository.repair_index()
        assert locks(mover) == set()
        assert UNREFRESHED <= time.seconds < UNREFRESHED + STEP
        assert mover.remembered()["unlocked"], "so that nothing is pruned for some minutes"

    def test_of_nobody_known_is_never_dead(self, mover: Mover) -> None:
        left = leave_a_lock(mover)
        time = SimulatedTime()
        with watching(mover, time) as repository, pytest.raises(Failure, match="The repository is locked by process"):
            repository.repair_index()
        assert locks(mover) == {left}
        assert time.seconds >= 600, "LOCK_TIMEOUT"

    def test_but_replaced_by_its_holder_in_time_is_alive(self, mover: Mover) -> None:
        remember_a_run(mover, boot=ANOTHER_BOOT)
        old = leave_a_lock(mover)
        renewing = Renewing(mover, old)
        with watching(mover, renewing) as repository, pytest.raises(Failure, match="is locked by process"):
            repository.repair_index()
        assert locks(mover) == {renewing.lock}
        assert renewing.times == 2


class Renewing(SimulatedTime):
    """Time in which the holder of a lock renews it every five minutes, as restic does: a new one, the old one gone."""

    def __init__(self, mover: Mover, lock: str) -> None:
        super().__init__()
        self._mover = mover
        self.lock, self.times = lock, 0

    def monotonic(self) -> float:
        if self.seconds >= 300 * (self.times + 1):
            self.times += 1
            renewed = leave_a_lock(self._mover)
            (self._mover.repository / "locks" / self.lock).unlink()
            self.lock = renewed
        return self.seconds
