"""Scratch space: a temporary directory that is removed when the operation ends.

It is on the cache volume, since ``/tmp`` may be small or in memory. What a killed run leaves, the next one removes.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mover.exit_codes import ExitCode, Failure
from mover.platform.cache_volume import TEMPORARY

PREFIX = "scratch-"


@contextlib.contextmanager
def folder(cache: Path) -> Iterator[Path]:
    """Make an empty directory on the cache volume, or among the system's temporary files if that can't be written.

    It is removed at the end. What a run that was killed left is removed by the next one; holding the lock on the cache
    volume guarantees that no other run is using it.

    Raises:
        Failure: no directory can be created.
    """
    made = _make(cache / TEMPORARY)
    try:
        yield made
    finally:
        _remove(made)


def _make(parent: Path) -> Path:
    try:
        for stale in parent.glob(f"{PREFIX}*"):
            _remove(stale)
        return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    except OSError:
        return _make_elsewhere()


def _make_elsewhere() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=PREFIX))
    except OSError as error:
        message = f"Cannot create a temporary directory: {error.strerror}; mount a volume at RESTIC_CACHE_DIR"
        raise Failure(ExitCode.NO_SPACE, message) from error


def _remove(made: Path) -> None:
    """Remove a directory with all that is in it, also restored directories without write permission."""
    for path, folders, _ in os.walk(made):
        for inner in (Path(path, name) for name in folders):
            if not inner.is_symlink():
                inner.chmod(0o700)
    shutil.rmtree(made, ignore_errors=True)
