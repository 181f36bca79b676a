"""``mover snapshots``: the snapshots of this volume, or of the whole repository.

It reads without a lock and changes nothing, so it can be run beside a backup.
"""

import json
from collections.abc import Mapping, Sequence

from mover.app.bootstrap import RuntimeContext, repository_of_report, restic_with_retries
from mover.app.console import settings_and_log
from mover.config.restic_variables import redactor
from mover.config.settings import Settings
from mover.platform.cache_volume import CacheVolume
from mover.platform.clock import Clock, write_time
from mover.platform.signals import ShutdownSignal
from mover.platform.units import size
from mover.reporting.progress import FRAMES_IN_A_LOG
from mover.restic.messages import Snapshot
from mover.restic.parsers import SnapshotList
from mover.restic.process_cost import ProcessCost
from mover.warning_reasons import WarningReason, log_warning

HEAD = ("ID", "TIME", "HOST", "PATH", "FILES", "SIZE", "TAGS")


def snapshots_report(
    environment: Mapping[str, str], shutdown: ShutdownSignal, *, every: bool = False, as_json: bool = False
) -> str:
    """List the snapshots of this volume, or of every one in the repository, the newest first.

    Raises:
        Failure: the settings are wrong, or the repository can't be read.
        OSError: restic can't be started.
    """
    settings = settings_and_log(environment)
    runtime = RuntimeContext(shutdown, Clock(), ProcessCost(), lambda _: None, redactor(environment), FRAMES_IN_A_LOG)
    listing = _list(settings, runtime, every=every)
    for damaged in listing.damaged:
        message = f"Snapshot {damaged[:8]} is damaged and cannot be read; see docs/check.md"
        log_warning(WarningReason.SNAPSHOT_UNREADABLE, message)
    found = listing.snapshots
    if as_json:
        return json.dumps([snapshot.data for snapshot in found], indent=2)
    if not found:
        return f"No snapshots of host {settings.host} and path {settings.restore.path}; --all shows those of all"
    return _table([HEAD, *(_row(snapshot) for snapshot in found)])


def _list(settings: Settings, runtime: RuntimeContext, *, every: bool) -> SnapshotList:
    volume = CacheVolume(settings.cache, log_warning, may_be_wiped=False)
    volume.prepare()
    with restic_with_retries(settings, volume, runtime) as retrying:
        repository = repository_of_report(retrying, settings)
        return repository.all_snapshots() if every else repository.snapshots(settings.restore.path)


def _row(snapshot: Snapshot) -> Sequence[str]:
    return (
        snapshot.id[:8],
        write_time(snapshot.time),
        snapshot.host,
        ", ".join(snapshot.paths),
        "-" if snapshot.files is None else str(snapshot.files),
        "-" if snapshot.bytes is None else size(snapshot.bytes),
        ", ".join(snapshot.tags),
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
