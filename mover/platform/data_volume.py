"""The volume at ``DATA_DIR``: whether it is there, and what is in it."""

import os
from pathlib import Path

from mover.exit_codes import ExitCode, Failure

LOST_AND_FOUND = "lost+found"
"""What mkfs makes at the root of an ext file system: no content of anyone's."""


def entries(volume: Path) -> list[str]:
    """List the names at the root of the volume, without its ``lost+found``.

    Raises:
        Failure: there is no volume, it is no folder, or it can't be read.
    """
    try:
        names = [entry.name for entry in volume.iterdir()]
    except OSError as error:
        reason = error.strerror or "it can't be read"
        sentence = f"DATA_DIR is {str(volume)!r}: mount the volume there ({reason}, as user {os.geteuid()})."
        raise Failure(ExitCode.USAGE, sentence) from error
    return sorted(name for name in names if name != LOST_AND_FOUND)


def free_bytes(volume: Path) -> int | None:
    """Return how many bytes the user may still write to the volume's file system; ``None`` where it does not tell."""
    system = os.statvfs(volume)
    if system.f_blocks == 0:  # so do network file systems without a limit
        return None
    blocks = system.f_bfree if os.geteuid() == 0 else system.f_bavail
    return blocks * system.f_frsize


def flush(volume: Path) -> None:
    """Have everything that was written to the volume's file system on disk, and only then return.

    Raises:
        OSError: the file system could not write it.
    """
    # Imported where it is needed: only a restore does.
    import ctypes  # noqa: PLC0415

    folder = os.open(volume, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # syncfs(2), unlike sync(2), reports write errors, and spares the node's other file systems.
        if ctypes.CDLL(None, use_errno=True).syncfs(folder) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(volume))
    finally:
        os.close(folder)
