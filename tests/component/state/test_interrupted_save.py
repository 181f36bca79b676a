"""A run that is killed while it saves the marker file: the next run that holds the lock removes the temporary file."""

from pathlib import Path

import pytest

from mover.platform.clock import Clock
from mover.platform.file_lock import FileLock
from mover.platform.signals import ShutdownSignal
from tests.support.mover_process import Mover


@pytest.fixture
def temporary_file(mover: Mover) -> Path:
    """The temporary file of the killed run, beside the marker file."""
    mover.cache.mkdir()
    path = mover.cache / f".{mover.marker.name}.killed"
    path.write_text('{"version": 1, "since')
    return path


def test_the_temporary_file_of_a_killed_run_is_removed_by_the_next_run(mover: Mover, temporary_file: Path) -> None:
    mover.succeeds("unlock")
    assert not temporary_file.exists()


def test_a_temporary_file_stays_while_another_run_may_be_saving(mover: Mover, temporary_file: Path) -> None:
    lock = FileLock(mover.cache)
    lock.acquire(0, Clock(), ShutdownSignal())
    mover.fails(11, "unlock", LOCK_TIMEOUT="1s")
    lock.release()
    assert temporary_file.exists()
