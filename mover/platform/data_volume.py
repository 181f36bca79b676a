"""The volume at ``DATA_DIR``: whether it is there, what is in it, and how much space it has.

A restore flushes it to disk before it reports success, since a node may fail right after that.
"""

import os
from pathlib import Path

from mover.exit_codes import ExitCode, Failure

LOST_AND_FOUND = "lost+found"
"""Created by mkfs at the root of an ext file system; not user data."""


def entries(volume: Path) -> list[str]:
    """List the names at the root of the volume, without its ``lost+found``.

    Raises:
        Failure: there is no volume, it is not a directory, or it can't be read.
    """
    try:
        names = [entry.name for entry in volume.iterdir()]
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        message = f"DATA_DIR: cannot read {volume} as uid {os.geteuid()}: {reason}; is the volume mounted there?"
        raise Failure(ExitCode.USAGE, message) from error
    return sorted(name for name in names if name != LOST_AND_FOUND)


def free_bytes(volume: Path) -> int | None:
    """Return how many bytes the user may still write to the volume's file system; ``None`` if that is unknown."""
    system = os.statvfs(volume)
    if system.f_blocks == 0:  # as of network file systems without a limit
        return None
    blocks = system.f_bfree if os.geteuid() == 0 else system.f_bavail
    return blocks * system.f_frsize


def flush(volume: Path) -> None:
    """Flush the volume's file system to disk (syncfs).

    Raises:
        OSError: the file system could not write it.
    """
    # Loaded late: not needed except for a restore.
    import ctypes  # noqa: PLC0415

    folder = os.open(volume, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # syncfs(2), unlike sync(2), reports write errors, and spares the node's other file systems.
        if ctypes.CDLL(None, use_errno=True).syncfs(folder) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(volume))
    finally:
        os.close(folder)
