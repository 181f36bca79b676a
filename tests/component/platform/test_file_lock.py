"""The lock on the cache volume: two movers never work on one at a time."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mover.platform.clock import Clock
from mover.platform.file_lock import FileLock
from mover.platform.signals import ShutdownSignal
from tests.mover_process import Mover
from tests.started import started

USED = "Another run of the mover uses this cache volume: process 7 on node-1"


@contextmanager
def in_use(mover: Mover) -> Iterator[FileLock]:
    """Hold the lock on a mover's cache volume for the length of a block."""
    mover.cache.mkdir(exist_ok=True)
    lock = FileLock(mover.cache)
    lock.take(0, Clock(), ShutdownSignal())
    lock.sign("process 7 on node-1")
    try:
        yield lock
    finally:
        lock.release()


class TestASecondMover:
    @pytest.mark.fault("cache volume in use by another run")
    def test_waits_and_then_names_the_first(self, mover: Mover) -> None:
        with in_use(mover):
            result = mover.fails(11, "backup", LOCK_TIMEOUT="1s")
        assert result.message == f"{USED}; this one waited 1 s (LOCK_TIMEOUT)."
        assert result.operations == []
        assert mover.count() == 0

    def test_goes_on_once_the_first_has_ended(self, mover: Mover) -> None:
        with in_use(mover) as lock, started(mover, "backup") as run:
            run.says(USED)
            lock.release()
            assert run.ends_with(0).operations == [("backup", "done")]

    def test_can_be_stopped_as_it_waits(self, mover: Mover) -> None:
        with in_use(mover), started(mover, "backup") as run:
            run.says(USED)
            run.signal(signal.SIGINT)
            run.ends_with(130)
        assert mover.count() == 0

    def test_on_a_cache_volume_of_its_own_does_not_wait(self, mover: Mover) -> None:
        with in_use(mover):
            mover.succeeds("backup", RESTIC_CACHE_DIR=str(mover.folder / "another"))
