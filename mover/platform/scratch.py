"""Scratch space: a folder for what is needed only while an operation runs, and never left behind for good."""

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
    """Make an empty folder on the cache volume, or among the system's temporary files where that can't be written.

    It is removed at the end. A mover that is killed can't do so; then the next one does, which the lock on the cache
    volume tells that there is no other.

    Raises:
        Failure: there is no place for it at all.
    """
    made = _make(cache / TEMPORARY)
    try:
        yield made
    finally:
        _remove(made)


def _make(parent: Path) -> Path:
    try:
        for leftover in parent.glob(f"{PREFIX}*"):
            _remove(leftover)
        return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    except OSError:
        return _make_elsewhere()


def _make_elsewhere() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=PREFIX))
    except OSError as error:
        sentence = f"There is no place for temporary files ({error.strerror}); mount a volume at RESTIC_CACHE_DIR."
        raise Failure(ExitCode.NO_SPACE, sentence) from error


def _remove(made: Path) -> None:
    """Remove a folder with all that is in it, also restored folders that nobody may write to."""
    for path, folders, _ in os.walk(made):
        for inner in (Path(path, name) for name in folders):
            if not inner.is_symlink():
                inner.chmod(0o700)
    shutil.rmtree(made, ignore_errors=True)
