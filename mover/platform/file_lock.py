"""The lock on the cache volume: held by one run at a time, and by every restic process it starts.

The kernel drops it when the last holder is gone, however that came about. So whoever gets it knows that no
other run of the mover on this volume lives, on a file system where such locks are true (``proves_death``).
"""

import fcntl
import logging
import os
from pathlib import Path

from mover.exit_codes import ExitCode, Failure
from mover.platform.clock import Clock
from mover.platform.signals import ShutdownSignal

log = logging.getLogger(__name__)

NAME = "mover.lock"
POLL = 0.5
"""Seconds between two tries: the kernel's own wait could not be ended by a signal."""

LOCAL = {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay", "bcachefs"}
"""File systems of one node, whose locks are the kernel's own."""


class FileLock:
    """An exclusive lock on a file of the cache volume."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.handle: int | None = None
        """Handed on to restic, so that the lock lives as long as the last of both."""

    def take(self, timeout: float, clock: Clock, stopping: ShutdownSignal) -> None:
        """Wait for the lock.

        Raises:
            Failure: ``LOCKED`` where another run held it for longer than ``timeout`` seconds.
            OSError: there can be no such lock here.
        """
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        deadline, told = clock.monotonic() + timeout, False
        while not _try(handle):
            used = f"Another run of the mover uses this cache volume: {_holder(handle)}"
            if clock.monotonic() >= deadline:
                os.close(handle)
                raise Failure(ExitCode.LOCKED, f"{used}; this one waited {timeout:.0f} s (LOCK_TIMEOUT).")
            if not told:
                log.warning(f"{used}; waiting for its end, {timeout:.0f} s at the most (LOCK_TIMEOUT).")
                told = True
            stopping.sleep(POLL)
        self.handle = handle

    def sign(self, holder: str) -> None:
        """Write down who holds the lock, for those who wait."""
        if self.handle is not None:
            os.ftruncate(self.handle, 0)
            os.pwrite(self.handle, holder.encode(), 0)

    def release(self) -> None:
        """Let the next run have it."""
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None

    @property
    def proves_death(self) -> bool:
        """Whether holding the lock proves that no other run of the mover on this volume lives."""
        return self.handle is not None and _file_system(self.path) in LOCAL


def _holder(handle: int) -> str:
    """Read who signed the lock; a restic that outlived its mover holds it in that one's name."""
    return os.pread(handle, 200, 0).decode(errors="replace").strip() or "it has not said which"


def _try(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _file_system(path: Path) -> str:
    """Return the type of the file system that holds the path; empty where that can't be told."""
    # Imported where it is needed: only a run that meets a lock asks.
    import psutil  # noqa: PLC0415

    holding = [p for p in psutil.disk_partitions(all=True) if path.is_relative_to(p.mountpoint)]
    return str(max(holding, key=lambda p: len(p.mountpoint)).fstype) if holding else ""
