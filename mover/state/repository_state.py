"""The marker file: what the mover remembers of a repository between runs, on the cache volume.

It holds only what succeeded. It may be torn, empty, absent, from the future or of a newer version; then the
mover falls back on what a controller remembers or what the repository itself shows, and says so.
"""

import contextlib
import json
import os
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mover.platform.clock import read_time, write_time
from mover.state import run_journal
from mover.state.check_rotation import Rotation, Verified, read_rotation, read_verified, write_rotation, write_verified
from mover.state.run_journal import RunEntry

VERSION = 1
LARGEST = 1024 * 1024
"""Bytes that are read: a marker holds a few hundred."""

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of this clock another node's may have been."""


class _NotOursError(ValueError):
    """What was read is whole, but not what this version of the mover writes."""


@dataclass(frozen=True)
class SnapshotRef:
    """A snapshot the mover made."""

    id: str
    time: datetime


@dataclass
class VolumeState:
    """What is remembered of one host and path."""

    snapshot: SnapshotRef | None = None
    complete: SnapshotRef | None = None
    """The last snapshot that holds every file."""
    verified: Verified | None = None
    """What was restored on trial the last time."""


@dataclass
class RepositoryState:
    """What is remembered of one repository."""

    since: datetime | None = None
    """When its oldest snapshot was made, as far as that was asked for."""
    pruned: datetime | None = None
    checked: datetime | None = None
    rotation: Rotation = field(default_factory=Rotation)
    """Which parts of its data the checks have read."""
    volumes: dict[str, VolumeState] = field(default_factory=dict)
    runs: list[RunEntry] = field(default_factory=list)
    """The run_journal."""
    uploading: bool = False
    """A backup began to upload and has not saved its snapshot: the repository may hold data no index knows."""
    unlocked: datetime | None = None
    """When locks of dead runs were last removed."""

    def volume(self, host: str, path: Path) -> VolumeState:
        """Return what is remembered of a volume, to be read and written."""
        return self.volumes.setdefault(f"{host}:{path}", VolumeState())

    @property
    def knows_a_snapshot(self) -> bool:
        """Whether the repository has held a snapshot of this mover."""
        return any(volume.snapshot for volume in self.volumes.values())


class MarkerFile:
    """Where a marker is kept: ``mover-<repository>.json`` in the folder of the cache volume."""

    def __init__(self, folder: Path, repository: str) -> None:
        self.path = folder / f"mover-{repository}.json"
        self._unusable = False

    def load(self, now: datetime) -> tuple[RepositoryState, list[str]]:
        """Read the marker; where it is of no use, an empty one and a sentence that says why."""
        try:
            with self.path.open("rb") as file:
                content = file.read(LARGEST + 1)
        except FileNotFoundError:
            return RepositoryState(), []
        except OSError as error:
            return RepositoryState(), [f"The marker file {self.path} can't be read ({error.strerror})."]
        try:
            return _read(content, now)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
            self._unusable = True
            reason = str(error) if isinstance(error, _NotOursError) else "it is torn"
            return RepositoryState(), [f"The marker file {self.path} is of no use ({reason}); it will be made anew."]

    def save(self, marker: RepositoryState) -> None:
        """Write the marker so that at every instant either the old or the new one is there, whole.

        Raises:
            OSError: it can't be written; the old one is still there.
        """
        if self._unusable:
            self.path.replace(self.path.with_suffix(".unusable"))
            self._unusable = False
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w") as file:
                json.dump(_write(marker), file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        _flush_folder(self.path.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(content: bytes, now: datetime) -> tuple[RepositoryState, list[str]]:
    if len(content) > LARGEST:
        raise _NotOursError(f"it is larger than {LARGEST} bytes")
    fields = json.loads(content)
    if fields["version"] != VERSION:
        raise _NotOursError(f"it is of version {str(fields['version'])[:20]}, this mover writes {VERSION}")
    warnings: list[str] = []
    marker = RepositoryState(
        since=_past(fields, "since", now, warnings),
        pruned=_past(fields, "pruned", now, warnings),
        checked=_past(fields, "checked", now, warnings),
        rotation=read_rotation(fields.get("rotation"), now + CLOCK_SKEW, warnings),
        volumes={
            str(name): _read_volume(volume, now + CLOCK_SKEW, warnings) for name, volume in fields["volumes"].items()
        },
        runs=run_journal.read(fields["runs"]),
        uploading=fields["uploading"] is True,
        unlocked=_past(fields, "unlocked", now, warnings),
    )
    return marker, warnings


def _past(fields: dict[str, Any], name: str, now: datetime, warnings: list[str]) -> datetime | None:
    """Read a time that must not lie ahead: one that does would put off what is due for as long."""
    if fields.get(name) is None:
        return None
    moment = read_time(fields[name])
    if moment > now + CLOCK_SKEW:
        warnings.append(f"The marker file has «{name}» in the future ({write_time(moment)}); it is not believed.")
        return None
    return moment


def _read_volume(fields: dict[str, Any], latest: datetime, warnings: list[str]) -> VolumeState:
    return VolumeState(
        _read_known(fields["snapshot"]),
        _read_known(fields["complete"]),
        read_verified(fields.get("verified"), latest, warnings),
    )


def _read_known(fields: dict[str, Any] | None) -> SnapshotRef | None:
    return None if fields is None else SnapshotRef(str(fields["id"]), read_time(fields["time"]))


def _write(marker: RepositoryState) -> dict[str, Any]:
    return {
        "version": VERSION,
        "since": _write_time(marker.since),
        "pruned": _write_time(marker.pruned),
        "checked": _write_time(marker.checked),
        "rotation": write_rotation(marker.rotation),
        "volumes": {name: _write_volume(volume) for name, volume in marker.volumes.items()},
        "runs": run_journal.write(marker.runs),
        "uploading": marker.uploading,
        "unlocked": _write_time(marker.unlocked),
    }


def _write_volume(volume: VolumeState) -> dict[str, Any]:
    return {
        "snapshot": _write_known(volume.snapshot),
        "complete": _write_known(volume.complete),
        "verified": write_verified(volume.verified),
    }


def _write_time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)


def _write_known(known: SnapshotRef | None) -> dict[str, str] | None:
    return None if known is None else {"id": known.id, "time": write_time(known.time)}
