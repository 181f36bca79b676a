"""``mover status``: what is kept of the repository between runs, and when prune and check are due.

It shows the state on the cache volume and never reads the repository. Whether something is due is decided by
``operations/intervals.py``, as it is for a run.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from mover.app.console import settings_and_log
from mover.config.settings import Settings
from mover.operations.intervals import Interval, check_interval, last_plausible, prune_interval
from mover.platform.clock import Clock, write_time
from mover.platform.units import count, size
from mover.state.check_rotation import Rotation, Verified, write_verified
from mover.state.marker_file import MarkerFile
from mover.state.repository_state import RepositoryState, SnapshotRef
from mover.warning_reasons import WarningReason, log_warning

UNKNOWN = "unknown"
ROWS = {
    "repository": ("repository", ""),
    "markerFile": ("marker file", ""),
    "lastSnapshot": ("last snapshot", UNKNOWN),
    "lastComplete": ("last complete", UNKNOWN),
    "lastPruned": ("last prune", UNKNOWN),
    "pruneDue": ("next prune", "manual only (PRUNE_INTERVAL_DAYS is not set)"),
    "lastChecked": ("last check", UNKNOWN),
    "checkDue": ("next check", "manual only (CHECK_INTERVAL_DAYS is not set)"),
    "dataRead": ("data read", "none (CHECK_SUBSETS)"),
    "lastVerified": ("last verified", "no test restore yet (VERIFY_SAMPLE_FILES)"),
}
"""For people: what each fact of the status is called, and what stands there if it is not known."""


def status_report(environment: Mapping[str, str], *, as_json: bool = False) -> str:
    """Show what the marker file holds, and when prune and check are due.

    Raises:
        Failure: the settings are wrong.
    """
    settings, now = settings_and_log(environment), Clock().now()
    file = MarkerFile(settings.cache, settings.repository.id)
    state, problems = file.load(now)
    for problem in problems:
        log_warning(WarningReason.STATE_UNUSABLE, problem)
    facts = _facts(settings, state, file, now)
    if as_json:
        return json.dumps(facts, indent=2)
    verified = state.volume(settings.host, settings.data).verified
    shown = {**facts, "dataRead": _described_rotation(state.rotation), "lastVerified": _described_test(verified)}
    return "\n".join(f"{label:14} {_described(shown[name], unknown)}" for name, (label, unknown) in ROWS.items())


def _facts(settings: Settings, state: RepositoryState, file: MarkerFile, now: datetime) -> dict[str, object]:
    volume = state.volume(settings.host, settings.data)
    return {
        "repository": settings.repository.shown,
        "markerFile": str(file.path),
        "lastSnapshot": _snapshot(volume.snapshot),
        "lastComplete": _snapshot(volume.complete),
        "lastPruned": _time(last_plausible(now, state.pruned, settings.last_pruned)),
        "pruneDue": _due(prune_interval(settings, state), state, now),
        "lastChecked": _time(state.checked),
        "checkDue": _due(check_interval(settings, state), state, now),
        "dataRead": _rotation(state.rotation),
        "lastVerified": write_verified(volume.verified),
    }


def _due(interval: Interval | None, state: RepositoryState, now: datetime) -> str | None:
    if interval is None:
        return None
    following = interval.next_time(state.oldest_snapshot, now)
    if following.at is None:
        return "unknown until the next run"
    return "now" if following.is_due else write_time(following.at)


def _rotation(rotation: Rotation) -> dict[str, object] | None:
    """How much of the data the checks have read: how many of how many parts, and when."""
    if not rotation.read:
        return None
    first, last = min(rotation.read.values()), max(rotation.read.values())
    return {
        "subsets": rotation.subsets,
        "read": len(rotation.read),
        "since": write_time(first),
        "until": write_time(last),
    }


def _snapshot(known: SnapshotRef | None) -> dict[str, str] | None:
    return {"id": known.id, "time": write_time(known.time)} if known else None


def _time(moment: datetime | None) -> str | None:
    return write_time(moment) if moment else None


def _described_rotation(rotation: Rotation) -> str | None:
    read = _rotation(rotation)
    if read is None:
        return None
    share = len(rotation.read) / rotation.subsets
    return f"{share:.0%} ({read['read']} of {count(rotation.subsets, 'subset')}), {read['since']} to {read['until']}"


def _described_test(verified: Verified | None) -> str | None:
    if verified is None:
        return None
    files = f"{count(verified.files, 'file')}, {size(verified.bytes)}"
    return f"{write_time(verified.time)}: {files} of snapshot {verified.snapshot[:8]}"


def _described(value: object, unknown: str) -> str:
    if isinstance(value, dict):
        return f"{str(value['id'])[:8]} of {value['time']}"
    return unknown if value is None else str(value)
