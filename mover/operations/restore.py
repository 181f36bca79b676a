"""Restore: one snapshot of this host and path put into the volume, over what is there."""

import logging
import os
import re
import shlex
from collections.abc import Sequence

from mover.app.plan import Step
from mover.config.settings import OnMissing, RestoreSettings
from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext
from mover.platform.clock import write_time
from mover.platform.data_volume import LOST_AND_FOUND, entries, flush, free_bytes
from mover.platform.units import count, size
from mover.reporting.outcome import Restored
from mover.restic.errors.classify import damage
from mover.restic.messages import Snapshot
from mover.restic.parsers import RestoreOutput

log = logging.getLogger(__name__)

INCLUDING = re.compile(r"(--i?include(-file)?(=.*)?|-[qv]*i.*)", re.DOTALL)
"""Flags that choose files. The one that chooses extended attributes is none of them."""


def perform(run: OperationContext, _: Step) -> str:
    """Restore the chosen snapshot, and report success only once it is on disk."""
    found = len(entries(run.settings.data))
    try:
        snapshot, damaged = _choose(run)
    except Failure as missing:
        return _go_on_without(run, missing)
    log.info("restoring snapshot %s of %s to %s", snapshot.id[:8], write_time(snapshot.time), run.settings.data)
    if run.settings.restore.options:
        log.info("RESTORE_OPTIONS: %s", shlex.join(run.settings.restore.options))  # VolSync's filter keeps this line
    if found:
        log.info("the volume already has %s: they are overlaid", count(found, "entry", "entries"))
    _check_space(run, snapshot)
    run.outcome.restored = Restored(snapshot.id, snapshot.time, 0, 0, found, complete=False)
    answer, failure = run.repository.restore(snapshot, run.settings.data, _flags(run.settings.restore))
    run.outcome.unreadable = answer.failed
    if failure:
        raise _explained(failure, answer)
    _flush(run)
    told = _record(run, snapshot, answer, found)
    _warn_of_owners(run, snapshot, answer)
    if damaged:
        raise Failure(ExitCode.DAMAGED, _maybe_newer(told, damaged))
    return told


def choose(snapshots: Sequence[Snapshot], wanted: RestoreSettings) -> Snapshot | None:
    """Pick a snapshot: the latest, the latest as of a time, or so many before that one.

    Of the snapshots' times the whole second counts, as they are shown and written nowhere more exactly.
    """
    eligible = [s for s in snapshots if wanted.as_of is None or s.time.replace(microsecond=0) <= wanted.as_of]
    newest_first = sorted(eligible, key=lambda snapshot: snapshot.time, reverse=True)
    return newest_first[wanted.previous] if wanted.previous < len(newest_first) else None


def _choose(run: OperationContext) -> tuple[Snapshot, list[str]]:
    """Find the snapshot that is wanted; with it, the ids of damaged ones that it might have been instead."""
    wanted = run.settings.restore
    if wanted.snapshot:
        return _by_id(run, wanted.snapshot), []
    listing = run.repository.snapshots(wanted.path)
    snapshot = choose(listing.snapshots, wanted)
    if snapshot is None and listing.damaged:
        raise Failure(ExitCode.DAMAGED, _maybe_newer("Nothing was restored", listing.damaged))
    if snapshot is None:
        raise Failure(ExitCode.NO_SNAPSHOT, _none_eligible(run, len(listing.snapshots)))
    return snapshot, listing.damaged


def _maybe_newer(told: str, damaged: list[str]) -> str:
    names = ", ".join(name[:8] for name in damaged[:5])
    return (
        f"{told}; but the repository holds {count(len(damaged), 'snapshot')} that can't be read and may be the one "
        f"wanted ({names}): put them back from a copy of the repository, or delete them from its `snapshots/`."
    )


def _by_id(run: OperationContext, beginning: str) -> Snapshot:
    found = [s for s in run.repository.all_snapshots().snapshots if s.id.startswith(beginning)]
    if len(found) != 1:
        several = f"{len(found)} snapshots have ids that begin so; give more digits"
        reason = several if found else "no snapshot of the repository has an id that begins so"
        raise Failure(ExitCode.NO_SNAPSHOT, f"RESTORE_SNAPSHOT is {beginning!r}: {reason} (see `mover snapshots`).")
    snapshot = found[0]
    if snapshot.host != run.settings.host or run.settings.restore.path not in snapshot.paths:
        of = f"host {snapshot.host}, {', '.join(snapshot.paths)}"
        run.outcome.warn(f"Snapshot {snapshot.id[:8]} was made of another volume ({of}).")
    return snapshot


def _check_space(run: OperationContext, snapshot: Snapshot) -> None:
    """See before the download whether the snapshot fits; options that restore less of it leave that open."""
    volume, free = run.settings.data, free_bytes(run.settings.data)
    if free is None:
        run.outcome.warn(f"The volume {volume} does not tell how much space it has: the snapshot may not fit.")
        return
    if snapshot.bytes is not None and snapshot.bytes <= free:
        return
    missing = run.repository.missing_bytes(snapshot, volume)
    if missing <= free:
        return
    sentence = f"The volume {volume} has {size(free)} free, and the snapshot needs {size(missing)} more"
    if run.settings.restore.options:
        run.outcome.warn(f"{sentence}, unless RESTORE_OPTIONS spare some of it.")
        return
    raise Failure(ExitCode.NO_SPACE, f"{sentence}: make it larger by {size(missing - free)}. Nothing was restored.")


def _none_eligible(run: OperationContext, number: int) -> str:
    wanted = run.settings.restore
    of = f"of host {run.settings.host} and path {wanted.path}"
    if number == 0:
        return f"The repository has no snapshot {of}; check RESTIC_HOST and RESTORE_PATH (see `mover snapshots`)."
    limits = [f"SELECT_PREVIOUS={wanted.previous}"] if wanted.previous else []
    limits += [f"RESTORE_AS_OF={write_time(wanted.as_of)}"] if wanted.as_of else []
    return f"None of the {count(number, 'snapshot')} {of} fits {' and '.join(limits)} (see `mover snapshots`)."


def _go_on_without(run: OperationContext, missing: Failure) -> str:
    """Restore nothing, if there certainly is nothing and the caller said that this is fine."""
    if missing.code not in {ExitCode.NO_REPOSITORY, ExitCode.NO_SNAPSHOT}:
        raise missing
    if missing.code is ExitCode.NO_REPOSITORY and run.marker.knows_a_snapshot:
        raise run.gone() from missing
    if run.settings.restore.missing is not OnMissing.CONTINUE:
        raise missing
    run.outcome.warn(missing.sentence)
    log.info("No eligible snapshots found: No data will be restored")
    return "no data was restored, as there is no eligible snapshot"


def _flags(wanted: RestoreSettings) -> list[str]:
    """Protect the volume's own ``lost+found`` from ``--delete``; restic takes no exclude beside an include."""
    including = any(INCLUDING.fullmatch(option) for option in wanted.options)
    return [*wanted.options, *([] if including else [f"--exclude=/{LOST_AND_FOUND}"])]


def _explained(failure: Failure, answer: RestoreOutput) -> Failure:
    """Say why a restore ended half-way; restic itself only counts the errors."""
    if failure.code not in {ExitCode.FAULT, ExitCode.DAMAGED, ExitCode.NO_SPACE} or not answer.failed.count:
        return failure
    first = answer.failed.files[0]
    failed = f"{count(answer.failed.count, 'entry', 'entries')} could not be restored, first {first!r}: {answer.reason}"
    if "no space left" in answer.reason or "quota exceeded" in answer.reason:
        return Failure(ExitCode.NO_SPACE, f"The volume is full; make it larger ({failed}).")
    if "read-only file system" in answer.reason or "permission denied" in answer.reason:
        return Failure(ExitCode.NO_SPACE, f"The volume can't be written as user {os.geteuid()} ({failed}).")
    damaged = damage(answer.reason)
    if damaged:
        more = f"{count(answer.failed.count, 'entry', 'entries')} could not be restored, the rest was"
        return Failure(damaged.code, f"{more}. {damaged.sentence}")
    return Failure(ExitCode.FAULT, f"The restore is incomplete ({failed}).")


def _flush(run: OperationContext) -> None:
    try:
        flush(run.settings.data)
    except OSError as error:
        sentence = f"The restored data could not be written to disk ({error.strerror}); don't trust the volume."
        raise Failure(ExitCode.NO_SPACE, sentence) from error


def _warn_of_owners(run: OperationContext, snapshot: Snapshot, answer: RestoreOutput) -> None:
    """Count the entries that belong to somebody else than in the snapshot: restic itself ignores that."""
    user = os.geteuid()
    try:
        lost = answer.not_owned if user == 0 else run.repository.foreign_owners(snapshot)
    except Failure as unknown:
        if unknown.code.is_interruption:
            raise
        run.outcome.warn(f"Whether all owners were kept is not known. {unknown.sentence}")
        return
    if lost:
        entry = count(lost, "entry", "entries")
        run.outcome.warn(f"The owner of {entry} could not be kept: user {user} may not change owners.")


def _record(run: OperationContext, snapshot: Snapshot, answer: RestoreOutput, found: int) -> str:
    summary = answer.summary
    files, total, skipped = (summary.files, summary.bytes, summary.skipped) if summary else (0, 0, 0)
    run.outcome.restored = Restored(snapshot.id, snapshot.time, files, total, found, complete=True)
    told = f"snapshot {snapshot.id[:8]}: {count(files, 'entry', 'entries')}, {size(total)}"
    told += f", {skipped} of them in place already" if skipped else ""
    log.info("successfully restored %s", told)
    return f"restored {told}"
