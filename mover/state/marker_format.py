"""The format of the marker file: a repository's state as a JSON object, and back.

Its keys are a contract with other versions of the mover: files of 0.1.0 are read. New keys are optional.
"""

from datetime import datetime
from typing import Any

from mover.platform.clock import read_time, write_time
from mover.state import run_journal
from mover.state.check_rotation import read_rotation, read_verified, write_rotation, write_verified
from mover.state.past_time import FutureTimeError, read_past_time
from mover.state.repository_state import RepositoryState, SnapshotRef, VolumeState

VERSION = 1


class ForeignMarkerError(ValueError):
    """What was read is whole, but not what this version of the mover writes."""


def read_state(fields: dict[str, Any], now: datetime) -> tuple[RepositoryState, list[str]]:
    """Read a state, and warnings about the parts that are ignored.

    Raises:
        ForeignMarkerError: it is of another version.
        ValueError, TypeError, KeyError, AttributeError, OverflowError: it is not a state.
    """
    if fields["version"] != VERSION:
        raise ForeignMarkerError(f"version {str(fields['version'])[:20]}, this mover writes version {VERSION}")
    warnings: list[str] = []
    state = RepositoryState(
        oldest_snapshot=_time(fields, "since", now, warnings),
        pruned=_time(fields, "pruned", now, warnings),
        checked=_time(fields, "checked", now, warnings),
        rotation=read_rotation(fields.get("rotation"), now, warnings),
        volumes={str(name): _read_volume(volume, now, warnings) for name, volume in fields["volumes"].items()},
        runs=run_journal.read(fields["runs"]),
        uploading=fields["uploading"] is True,
        unlocked=_time(fields, "unlocked", now, warnings),
    )
    return state, warnings


def _time(fields: dict[str, Any], name: str, now: datetime, warnings: list[str]) -> datetime | None:
    if fields.get(name) is None:
        return None
    try:
        return read_past_time(fields[name], now)
    except FutureTimeError as error:
        warnings.append(f"Marker file: '{name}' is unusable ({error}) and is ignored")
        return None


def _read_volume(fields: dict[str, Any], now: datetime, warnings: list[str]) -> VolumeState:
    return VolumeState(
        _read_snapshot(fields["snapshot"]),
        _read_snapshot(fields["complete"]),
        read_verified(fields.get("verified"), now, warnings),
    )


def _read_snapshot(fields: dict[str, Any] | None) -> SnapshotRef | None:
    return None if fields is None else SnapshotRef(str(fields["id"]), read_time(fields["time"]))


def write_state(state: RepositoryState) -> dict[str, Any]:
    """Write a state as the JSON object of the marker file."""
    return {
        "version": VERSION,
        "since": _write_time(state.oldest_snapshot),
        "pruned": _write_time(state.pruned),
        "checked": _write_time(state.checked),
        "rotation": write_rotation(state.rotation),
        "volumes": {name: _write_volume(volume) for name, volume in state.volumes.items()},
        "runs": run_journal.write(state.runs),
        "uploading": state.uploading,
        "unlocked": _write_time(state.unlocked),
    }


def _write_volume(volume: VolumeState) -> dict[str, Any]:
    return {
        "snapshot": _write_snapshot(volume.snapshot),
        "complete": _write_snapshot(volume.complete),
        "verified": write_verified(volume.verified),
    }


def _write_time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)


def _write_snapshot(snapshot: SnapshotRef | None) -> dict[str, str] | None:
    return None if snapshot is None else {"id": snapshot.id, "time": write_time(snapshot.time)}
