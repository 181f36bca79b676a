"""Restore: one snapshot of this host and path put into the volume, over what is there.

A lock that it meets is handled as for every command of restic, in ``restic/locks.py``.
"""

import logging
import os
import re
import shlex
from dataclasses import replace

from mover.config.operation import Operation
from mover.config.settings import OnMissing, RestoreSettings
from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext
from mover.operations.missing_repository import check_not_gone
from mover.operations.snapshot_choice import ChosenSnapshot, choose_snapshot, unreadable_snapshots
from mover.platform.clock import write_time
from mover.platform.data_volume import LOST_AND_FOUND, entries, flush, free_bytes
from mover.platform.units import count, size
from mover.reporting.operation_result import OperationResult, Restored, done
from mover.restic.errors.classify import classify_damage
from mover.restic.messages import Snapshot
from mover.restic.parsers import RestoreOutput
from mover.restic.phrases import is_restore_target_full, is_restore_target_unwritable
from mover.warning_reasons import WarningReason

log = logging.getLogger(__name__)

INCLUDING = re.compile(r"(--i?include(-file)?(=.*)?|-[qv]*i.*)", re.DOTALL)
"""Flags that choose files. The one that chooses extended attributes is none of them."""


def run(context: OperationContext) -> tuple[OperationResult]:
    """Restore the chosen snapshot, and report success only once it is on disk.

    The result names a snapshot that is not ``complete`` if the restore ended before all was there.

    Raises:
        Failure: nothing was restored.
    """
    found = len(entries(context.settings.data))
    try:
        chosen = choose_snapshot(context)
    except Failure as missing:
        return (_nothing_to_restore(context, missing),)
    _log_beginning(context, chosen.snapshot, found)
    _check_space(context, chosen.snapshot)
    return (_restore(context, chosen, found),)


def _nothing_to_restore(context: OperationContext, missing: Failure) -> OperationResult:
    """Restore nothing, if there certainly is nothing and the caller said that this is fine."""
    if missing.code not in {ExitCode.NO_REPOSITORY, ExitCode.NO_SNAPSHOT}:
        raise missing
    check_not_gone(missing, context)
    if context.settings.restore.missing is not OnMissing.CONTINUE:
        raise missing
    context.warn(WarningReason.NOTHING_RESTORED, missing.message)
    log.info("No eligible snapshots found: No data will be restored")  # VolSync's filter keeps this line
    return done(Operation.RESTORE, "no data restored: there is no eligible snapshot")


def _log_beginning(context: OperationContext, snapshot: Snapshot, found: int) -> None:
    log.info("restoring snapshot %s of %s to %s", snapshot.id[:8], write_time(snapshot.time), context.settings.data)
    if context.settings.restore.options:
        # VolSync's filter keeps this line
        log.info("RESTORE_OPTIONS: %s", shlex.join(context.settings.restore.options))
    if found:
        log.info("the volume is not empty (%s): files of the same name are replaced", count(found, "entry", "entries"))


def _check_space(context: OperationContext, snapshot: Snapshot) -> None:
    """See before the download whether the snapshot fits; options that restore less of it leave that open."""
    volume, free = context.settings.data, free_bytes(context.settings.data)
    if free is None:
        message = f"DATA_DIR: {volume} does not report its free space; the snapshot may not fit"
        context.warn(WarningReason.SPACE_UNKNOWN, message)
        return
    if snapshot.bytes is not None and snapshot.bytes <= free:
        return
    missing = context.repository.missing_bytes(snapshot, volume)
    if missing <= free:
        return
    shortage = f"DATA_DIR: {volume} has {size(free)} free, the snapshot needs {size(missing)}"
    if context.settings.restore.options:
        context.warn(WarningReason.SPACE_MAY_NOT_SUFFICE, f"{shortage}, unless RESTORE_OPTIONS restores less of it")
        return
    raise Failure(ExitCode.NO_SPACE, f"{shortage}; enlarge it by {size(missing - free)}. Nothing was restored")


def _restore(context: OperationContext, chosen: ChosenSnapshot, found: int) -> OperationResult:
    """Restore a snapshot. From here on the volume is no longer what it was, and the result says so."""
    snapshot = chosen.snapshot
    result = done(Operation.RESTORE, "")
    result = replace(result, restored=Restored(snapshot.id, snapshot.time, 0, 0, found, complete=False))
    try:
        output, failure = context.repository.restore(snapshot, context.settings.data, _flags(context.settings.restore))
        result = replace(result, unreadable=output.failed)
        if failure:
            raise _explained(failure, output)
        _flush(context)
        result = replace(result, restored=_complete(snapshot, output, found), message=_restored(snapshot, output))
        _warn_of_owners(context, snapshot, output)
    except Failure as failure:
        return replace(result, code=failure.code, message=failure.message)
    if chosen.unreadable:
        message = unreadable_snapshots(result.message, chosen.unreadable)
        return replace(result, code=ExitCode.DAMAGED, message=message)
    return result


def _flags(wanted: RestoreSettings) -> list[str]:
    """Protect the volume's own ``lost+found`` from ``--delete``; restic takes no exclude beside an include."""
    including = any(INCLUDING.fullmatch(option) for option in wanted.options)
    return [*wanted.options, *([] if including else [f"--exclude=/{LOST_AND_FOUND}"])]


def _complete(snapshot: Snapshot, output: RestoreOutput, found: int) -> Restored:
    files, total = (output.summary.files, output.summary.bytes) if output.summary else (0, 0)
    return Restored(snapshot.id, snapshot.time, files, total, found, complete=True)


def _restored(snapshot: Snapshot, output: RestoreOutput) -> str:
    summary = output.summary
    files, total, skipped = (summary.files, summary.bytes, summary.skipped) if summary else (0, 0, 0)
    what = f"snapshot {snapshot.id[:8]}: {count(files, 'entry', 'entries')}, {size(total)}"
    what += f", {skipped} of them already in place" if skipped else ""
    log.info("successfully restored %s", what)
    return f"restored {what}"


def _explained(failure: Failure, output: RestoreOutput) -> Failure:
    """Say why a restore ended half-way; restic itself only counts the errors."""
    if failure.code not in {ExitCode.FAULT, ExitCode.DAMAGED, ExitCode.NO_SPACE} or not output.failed.count:
        return failure
    number = count(output.failed.count, "entry", "entries")
    failed = f"{number} could not be restored, first {output.failed.files[0]!r}: {output.reason}"
    if is_restore_target_full(output.reason):
        return Failure(ExitCode.NO_SPACE, f"DATA_DIR: the volume is full; enlarge it ({failed})")
    if is_restore_target_unwritable(output.reason):
        return Failure(ExitCode.NO_SPACE, f"DATA_DIR: uid {os.geteuid()} cannot write to the volume ({failed})")
    damaged = classify_damage(output.reason)
    if damaged:
        return Failure(damaged.code, f"{number} could not be restored, the others were. {damaged.message}")
    return Failure(ExitCode.FAULT, f"The restore is incomplete: {failed}")


def _flush(context: OperationContext) -> None:
    try:
        flush(context.settings.data)
    except OSError as error:
        message = f"DATA_DIR: writing to disk failed ({error.strerror}); the restored volume may be incomplete"
        raise Failure(ExitCode.NO_SPACE, message) from error


def _warn_of_owners(context: OperationContext, snapshot: Snapshot, output: RestoreOutput) -> None:
    """Count the entries that belong to somebody else than in the snapshot: restic itself ignores that."""
    user = os.geteuid()
    try:
        lost = output.not_owned if user == 0 else context.repository.foreign_owners(snapshot)
    except Failure as unknown:
        if unknown.code.is_interruption:
            raise
        context.warn(WarningReason.OWNERS_UNKNOWN, f"Owners of restored entries not verified: {unknown.message}")
        return
    if lost:
        message = f"Owner of {count(lost, 'entry', 'entries')} not kept: uid {user} may not change owners"
        context.warn(WarningReason.OWNERS_NOT_KEPT, message)
