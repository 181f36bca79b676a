"""The file on the cache volume in which a run keeps restic's version, for as long as the executable is the same."""

import contextlib
import json
from pathlib import Path
from typing import NamedTuple

DEVICE_ID_FEATURE = "device-id-for-hardlinks"
"""Leaves the device number out of a snapshot, which differs for each clone of a volume."""

MAX_FILE_CHARACTERS = 10_000


class Version(NamedTuple):
    """A version of restic, and the feature flags it may be started with."""

    text: str
    features: tuple[str, ...]


def read(file: Path, executable: str) -> Version | None:
    """Read what an earlier run wrote; nothing if the file is of another executable or can't be read."""
    stamp = _stamp(executable)
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        with file.open() as opened:
            fields = json.loads(opened.read(MAX_FILE_CHARACTERS))
        if fields["executable"] == stamp and set(fields["features"]) <= {DEVICE_ID_FEATURE}:
            return Version(str(fields["version"]), tuple(fields["features"]))
    return None


def write(file: Path, executable: str, version: Version) -> None:
    """Write a version; the next run asks again if that fails."""
    fields = {"executable": _stamp(executable), "version": version.text, "features": version.features}
    with contextlib.suppress(OSError):
        file.write_text(json.dumps(fields))


def _stamp(executable: str) -> str:
    path = Path(executable).resolve()
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}"
