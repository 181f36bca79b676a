"""Which snapshot a restore takes: by its ID, or the latest of this host and path as of a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from mover.config.settings import RestoreSettings
from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext
from mover.platform.clock import write_time
from mover.platform.units import count
from mover.restic.messages import Snapshot
from mover.warning_reasons import WarningReason

MOST_IDS = 5
"""IDs of damaged snapshots in a message."""


@dataclass(frozen=True)
class ChosenSnapshot:
    """The snapshot to restore."""

    snapshot: Snapshot
    unreadable: Sequence[str] = ()
    """IDs of damaged snapshots, any of which might have been the one to restore instead."""


def choose_snapshot(context: OperationContext) -> ChosenSnapshot:
    """Find the snapshot to restore.

    Raises:
        Failure: ``NO_SNAPSHOT``, ``NO_REPOSITORY`` or ``DAMAGED`` if there is none, or whatever kept restic from
            listing them.
    """
    wanted = context.settings.restore
    if wanted.snapshot:
        return ChosenSnapshot(_by_id(context, wanted.snapshot))
    listing = context.repository.snapshots(wanted.path)
    snapshot = choose(listing.snapshots, wanted)
    if snapshot is None and listing.damaged:
        raise Failure(ExitCode.DAMAGED, unreadable_snapshots("Nothing was restored", listing.damaged))
    if snapshot is None:
        raise Failure(ExitCode.NO_SNAPSHOT, _none_eligible(context, len(listing.snapshots)))
    return ChosenSnapshot(snapshot, listing.damaged)


def choose(snapshots: Sequence[Snapshot], wanted: RestoreSettings) -> Snapshot | None:
    """Pick a snapshot: the latest, the latest as of a time, or the Nth before that one.

    Of the snapshots' times the whole second counts, as they are shown and written nowhere more exactly.
    """
    eligible = [s for s in snapshots if wanted.as_of is None or s.time.replace(microsecond=0) <= wanted.as_of]
    newest_first = sorted(eligible, key=lambda snapshot: snapshot.time, reverse=True)
    return newest_first[wanted.previous] if wanted.previous < len(newest_first) else None


def unreadable_snapshots(what: str, damaged: Sequence[str]) -> str:
    """Say of a restore that it may have missed the snapshot that was meant, as some can't be read."""
    ids = ", ".join(snapshot[:8] for snapshot in damaged[:MOST_IDS])
    return (
        f"{what}, but the repository has {count(len(damaged), 'snapshot')} that cannot be read and may be newer "
        f"({ids}); put their files in `snapshots/` back from a copy of the repository, see docs/check.md"
    )


def _by_id(context: OperationContext, beginning: str) -> Snapshot:
    found = [s for s in context.repository.all_snapshots().snapshots if s.id.startswith(beginning)]
    if len(found) != 1:
        several = f"{len(found)} snapshot IDs begin with {beginning!r}; give more digits"
        reason = several if found else f"no snapshot ID begins with {beginning!r}; see `mover snapshots --all`"
        raise Failure(ExitCode.NO_SNAPSHOT, f"RESTORE_SNAPSHOT: {reason}")
    snapshot = found[0]
    if snapshot.host != context.settings.host or context.settings.restore.path not in snapshot.paths:
        of = f"host {snapshot.host}, path {', '.join(snapshot.paths)}"
        message = f"RESTORE_SNAPSHOT: {snapshot.id[:8]} is a snapshot of another volume ({of})"
        context.warn(WarningReason.SNAPSHOT_OF_ANOTHER_VOLUME, message)
    return snapshot


def _none_eligible(context: OperationContext, number: int) -> str:
    wanted = context.settings.restore
    of = f"host {context.settings.host} and path {wanted.path}"
    if number == 0:
        return f"No snapshots of {of}; check RESTIC_HOST and RESTORE_PATH, see `mover snapshots --all`"
    limits = [f"SELECT_PREVIOUS={wanted.previous}"] if wanted.previous else []
    limits += [f"RESTORE_AS_OF={write_time(wanted.as_of)}"] if wanted.as_of else []
    return f"None of the {count(number, 'snapshot')} of {of} matches {' and '.join(limits)}; see `mover snapshots`"
