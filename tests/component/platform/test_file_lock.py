"""The lock on the cache volume: two movers never use it at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mover.platform.clock import Clock
from mover.platform.file_lock import FileLock
from mover.platform.signals import ShutdownSignal
from tests.support.mover_process import Mover
from tests.support.running_mover import running_mover

HOLDER = "PID 7 on host node-1"


@contextmanager
def in_use(mover: Mover) -> Iterator[FileLock]:
    """Hold the lock on a mover's cache volume for the length of a block."""
    mover.cache.mkdir(exist_ok=True)
    lock = FileLock(mover.cache)
    lock.acquire(0, Clock(), ShutdownSignal())
    lock.record_holder(HOLDER)
    try:
        yield lock
    finally:
        lock.release()


@pytest.mark.fault("cache volume in use by another run")
def test_a_second_mover_waits_and_then_names_the_first(mover: Mover) -> None:
    with in_use(mover):
        result = mover.fails(11, "backup", LOCK_TIMEOUT="1s")
    assert HOLDER in result.message
    assert "LOCK_TIMEOUT" in result.message
    assert result.operations == []
    assert mover.count() == 0


def test_a_second_mover_continues_once_the_first_has_ended(mover: Mover) -> None:
    with in_use(mover) as lock, running_mover(mover, "backup") as run:
        run.says(HOLDER)
        lock.release()
        assert run.ends_with(0).operations == [("backup", "done")]


def test_a_second_mover_can_be_stopped_while_it_waits(mover: Mover) -> None:
    with in_use(mover), running_mover(mover, "backup") as run:
        run.says(HOLDER)
        run.signal(signal.SIGINT)
        run.ends_with(130)
    assert mover.count() == 0


def test_a_second_mover_with_its_own_cache_volume_does_not_wait(mover: Mover) -> None:
    with in_use(mover):
        mover.succeeds("backup", RESTIC_CACHE_DIR=str(mover.folder / "another"))
