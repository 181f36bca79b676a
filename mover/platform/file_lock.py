"""The lock on the cache volume: held by one run at a time, and by every restic process it starts.

The kernel releases it when the last holder exits, for whatever reason. A run that acquires it therefore knows that no
other run of the mover uses this volume, on a file system where such locks are reliable (``excludes_other_runs``).
"""

import fcntl
import logging
import os
from pathlib import Path

from mover.exit_codes import ExitCode, Failure
from mover.platform.clock import Clock
from mover.platform.signals import ShutdownSignal

log = logging.getLogger(__name__)

FILE_NAME = "mover.lock"
POLL_SECONDS = 0.5
"""Poll interval: the kernel's own wait could not be ended by a signal."""

LOCAL_FILE_SYSTEMS = {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay", "bcachefs"}
"""File systems of one node, whose locks are the kernel's own."""

MAX_HOLDER_BYTES = 200


class FileLock:
    """An exclusive lock on a file of the cache volume."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.descriptor: int | None = None
        """Inherited by restic, so that the lock lives as long as the last of both."""

    def acquire(self, timeout: float, clock: Clock, shutdown: ShutdownSignal) -> None:
        """Wait for the lock.

        Raises:
            Failure: ``LOCKED`` if another run held it for longer than ``timeout`` seconds.
            OSError: the file system has no such locks.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        deadline, has_warned = clock.monotonic() + timeout, False
        while not _try(descriptor):
            in_use = f"Cache volume is in use by another run of the mover ({_holder(descriptor)})"
            if clock.monotonic() >= deadline:
                os.close(descriptor)
                raise Failure(ExitCode.LOCKED, f"{in_use}; gave up after {timeout:.0f} s (LOCK_TIMEOUT)")
            if not has_warned:
                log.warning(f"{in_use}; waiting up to {timeout:.0f} s (LOCK_TIMEOUT)")
                has_warned = True
            shutdown.sleep(POLL_SECONDS)
        self.descriptor = descriptor

    def record_holder(self, holder: str) -> None:
        """Write down who holds the lock, for other runs that wait for it."""
        if self.descriptor is not None:
            os.ftruncate(self.descriptor, 0)
            os.pwrite(self.descriptor, holder.encode(), 0)

    def release(self) -> None:
        """Release the lock."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None

    @property
    def excludes_other_runs(self) -> bool:
        """Whether holding the lock proves that no other run of the mover uses this volume."""
        return self.descriptor is not None and _file_system(self.path) in LOCAL_FILE_SYSTEMS


def _holder(descriptor: int) -> str:
    """Read the recorded holder; a restic process that outlives its mover is still recorded under the mover's PID."""
    return os.pread(descriptor, MAX_HOLDER_BYTES, 0).decode(errors="replace").strip() or "holder unknown"


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _file_system(path: Path) -> str:
    """Return the type of the file system that holds the path; empty if it is unknown."""
    # Loaded late: not needed unless a lock is found.
    import psutil  # noqa: PLC0415

    holding = [p for p in psutil.disk_partitions(all=True) if path.is_relative_to(p.mountpoint)]
    return str(max(holding, key=lambda p: len(p.mountpoint)).fstype) if holding else ""
