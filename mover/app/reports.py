"""What the mover shows when it is asked: its snapshots, and what it remembers."""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta

from mover.app.bootstrap import RuntimeContext, attempts
from mover.config.field_reader import Reader
from mover.config.restic_variables import redactor
from mover.config.settings import Settings, SettingsError, read_reporting, read_settings
from mover.exit_codes import ExitCode, Failure
from mover.operations import intervals
from mover.platform.cache_volume import CacheVolume
from mover.platform.clock import Clock, write_time
from mover.platform.signals import ShutdownSignal
from mover.platform.units import count, size
from mover.reporting import log_output
from mover.reporting.outcome import ResticCost
from mover.reporting.progress import FRAMES_IN_A_LOG
from mover.restic import version
from mover.restic.messages import Snapshot
from mover.restic.process import Restic
from mover.restic.repository import Repository
from mover.state.check_rotation import Rotation, Verified, write_verified
from mover.state.repository_state import MarkerFile, RepositoryState, SnapshotRef

log = logging.getLogger(__name__)

NONE_KNOWN = "none known"
ROWS = {
    "repository": ("repository", ""),
    "markerFile": ("marker file", ""),
    "lastSnapshot": ("last snapshot", NONE_KNOWN),
    "lastComplete": ("last complete", NONE_KNOWN),
    "lastPruned": ("last prune", NONE_KNOWN),
    "pruneDue": ("next prune", "when asked for (PRUNE_INTERVAL_DAYS is not set)"),
    "lastChecked": ("last check", NONE_KNOWN),
    "checkDue": ("next check", "when asked for (CHECK_INTERVAL_DAYS is not set)"),
    "dataRead": ("data read", "none (CHECK_SUBSETS)"),
    "lastVerified": ("last verified", "no files restored on trial (VERIFY_SAMPLE_FILES)"),
}
"""For people: what each fact of the status is called, and what stands there where it is not known."""


def restic_version(environment: Mapping[str, str]) -> str:
    """Ask restic for its version.

    Raises:
        Failure: there is none, or it is too old.
    """
    executable = version.locate(environment.get("PATH", ""))
    restic = Restic(executable, dict(environment), ShutdownSignal(), Clock(), ResticCost())
    return version.identify(restic, None).text


def snapshots_report(
    environment: Mapping[str, str], stopping: ShutdownSignal, *, every: bool = False, as_json: bool = False
) -> str:
    """List the snapshots of this volume, or of every one in the repository, the newest first.

    Raises:
        Failure: the settings are wrong, or the repository can't be read.
    """
    settings = _settings(environment)
    clock = Clock()
    around = RuntimeContext(stopping, clock, ResticCost(), lambda _: None, redactor(environment), FRAMES_IN_A_LOG)
    volume = CacheVolume(settings.cache, may_be_wiped=False)
    volume.prepare()
    with attempts(settings, volume, around) as plain:
        repository = Repository(plain, settings.repository.shown, settings.host)
        listing = repository.all_snapshots() if every else repository.snapshots(settings.restore.path)
    for damaged in listing.damaged:
        log.warning(f"Snapshot {damaged[:8]} can't be read: it is damaged.")
    found = listing.snapshots
    if as_json:
        return json.dumps([snapshot.data for snapshot in found], indent=2)
    if not found:
        return (
            f"There are no snapshots of host {settings.host} and path {settings.restore.path}; --all shows every one."
        )
    return _table(["ID", "TIME", "HOST", "PATH", "FILES", "SIZE", "TAGS"], [_row(snapshot) for snapshot in found])


def status_report(environment: Mapping[str, str], *, as_json: bool = False) -> str:
    """Show what the marker file knows, and when prune and check are intervals.

    Raises:
        Failure: the settings are wrong.
    """
    settings, clock = _settings(environment), Clock()
    marker_file = MarkerFile(settings.cache, settings.repository.id)
    marker, complaints = marker_file.load(clock.now())
    for complaint in complaints:
        log.warning(complaint)
    memory = marker.volume(settings.host, settings.data)
    facts = _facts(settings, marker, marker_file, clock.now())
    if as_json:
        return json.dumps(facts, indent=2)
    told = {**facts, "dataRead": _rotation_told(marker.rotation), "lastVerified": _verified_told(memory.verified)}
    return "\n".join(f"{label:14} {_shown(told[name], unknown)}" for name, (label, unknown) in ROWS.items())


def _settings(environment: Mapping[str, str]) -> Settings:
    reader = Reader(environment, redactor(environment))
    # The report itself goes to stdout, alone.
    log_output.start(read_reporting(reader), reader.redact, sys.stderr, None)
    try:
        return read_settings(reader)
    except SettingsError as error:
        raise Failure(ExitCode.USAGE, "\nmover: ".join(error.problems)) from error


def _row(snapshot: Snapshot) -> list[str]:
    return [
        snapshot.id[:8],
        write_time(snapshot.time),
        snapshot.host,
        ", ".join(snapshot.paths),
        "-" if snapshot.files is None else str(snapshot.files),
        "-" if snapshot.bytes is None else size(snapshot.bytes),
        ", ".join(snapshot.tags),
    ]


def _table(head: list[str], rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [head, *rows]
    )


def _facts(settings: Settings, marker: RepositoryState, marker_file: MarkerFile, now: datetime) -> dict[str, object]:
    memory = marker.volume(settings.host, settings.data)
    pruned = intervals.last_believed(now, marker.pruned, settings.last_pruned)
    return {
        "repository": settings.repository.shown,
        "markerFile": str(marker_file.path),
        "lastSnapshot": _known(memory.snapshot),
        "lastComplete": _known(memory.complete),
        "lastPruned": _time(pruned),
        "pruneDue": _due(pruned or marker.since, settings.prune_interval, now),
        "lastChecked": _time(marker.checked),
        "checkDue": _due(marker.checked or marker.since, settings.check.interval, now),
        "dataRead": _rotation(marker.rotation),
        "lastVerified": write_verified(memory.verified),
    }


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


def _rotation_told(rotation: Rotation) -> str | None:
    read = _rotation(rotation)
    if read is None:
        return None
    share = len(rotation.read) / rotation.subsets
    return f"{share:.0%} ({read['read']} of {count(rotation.subsets, 'part')}), from {read['since']} to {read['until']}"


def _verified_told(verified: Verified | None) -> str | None:
    if verified is None:
        return None
    files = f"{count(verified.files, 'file')}, {size(verified.bytes)}"
    return f"{write_time(verified.time)}: {files} of snapshot {verified.snapshot[:8]}"


def _due(since: datetime | None, interval: timedelta | None, now: datetime) -> str | None:
    if interval is None:
        return None
    if since is None:
        return "not known before the next run"
    return "now" if since + interval <= now else write_time(since + interval)


def _known(known: SnapshotRef | None) -> dict[str, str] | None:
    return {"id": known.id, "time": write_time(known.time)} if known else None


def _time(moment: datetime | None) -> str | None:
    return write_time(moment) if moment else None


def _shown(value: object, unknown: str) -> str:
    if isinstance(value, dict):
        return f"{str(value['id'])[:8]} of {value['time']}"
    return unknown if value is None else str(value)
