"""The marker file: a repository's state on the cache volume, written atomically.

It may be truncated, missing, from the future or from a newer version; the mover then falls back on what a controller
remembers or what the repository itself shows, and says so. It is never a reason to fail.
"""

import contextlib
import json
import os
import tempfile
from datetime import datetime
from pathlib import Path

from mover.state.marker_format import ForeignMarkerError, read_state, write_state
from mover.state.repository_state import RepositoryState

MAX_BYTES = 1024 * 1024
"""Read limit; a marker file has a few hundred bytes."""

TEMPORARY_FILES = ".mover-*.json.*"
"""What a marker file is written to before it replaces the old one, of every repository."""


class MarkerFile:
    """``mover-<repository>.json`` in the root of the cache volume."""

    def __init__(self, folder: Path, repository: str) -> None:
        self.path = folder / f"mover-{repository}.json"
        self._unusable = False

    def load(self, now: datetime) -> tuple[RepositoryState, list[str]]:
        """Read the state, with a message for each part of it that is unusable; an empty one if all of it is."""
        try:
            with self.path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return RepositoryState(), []
        except OSError as error:
            return RepositoryState(), [f"Marker file {self.path} cannot be read: {error.strerror}"]
        try:
            return _read(content, now)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
            self._unusable = True
            reason = str(error) if isinstance(error, ForeignMarkerError) else "truncated or not a marker file"
            return RepositoryState(), [f"Marker file {self.path} is unusable ({reason}) and will be recreated"]

    def save(self, state: RepositoryState) -> None:
        """Write the state so that at every instant either the old or the new file is there, whole.

        A file that was unusable is kept beside it, as ``mover-<repository>.unusable``.

        Raises:
            OSError: it can't be written; the old one is still there.
        """
        if self._unusable:
            self.path.replace(self.path.with_suffix(".unusable"))
            self._unusable = False
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w") as file:
                json.dump(write_state(state), file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        _flush_folder(self.path.parent)

    def remove_temporary_files(self) -> None:
        """Remove temporary files of killed runs; call only while holding the lock on the cache volume."""
        for path in self.path.parent.glob(TEMPORARY_FILES):
            with contextlib.suppress(OSError):
                path.unlink()


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(content: bytes, now: datetime) -> tuple[RepositoryState, list[str]]:
    if len(content) > MAX_BYTES:
        raise ForeignMarkerError(f"larger than {MAX_BYTES} bytes")
    return read_state(json.loads(content), now)
