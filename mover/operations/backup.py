"""Backup: a snapshot of the volume, and the repository, created if restic says there is none.

It does not ask first whether there is a repository: restic's own refusal says so, and nearly every backup finds one.
"""

import logging
import os
from collections.abc import Iterator
from dataclasses import replace

from mover.config.operation import Operation
from mover.config.settings import RepositoryInit
from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext
from mover.operations.missing_repository import check_not_gone
from mover.platform.data_volume import LOST_AND_FOUND, entries
from mover.platform.units import count, duration, size
from mover.reporting.operation_result import OperationResult, SavedSnapshot, done
from mover.restic.errors.classify import classify_damage
from mover.restic.messages import BackupSummary
from mover.restic.parsers import BackupOutput, FailedFiles
from mover.restic.patterns import literal
from mover.state.repository_state import SnapshotRef
from mover.warning_reasons import WarningReason

log = logging.getLogger(__name__)

BEFORE_UPLOADS = {
    ExitCode.USAGE,
    ExitCode.NO_REPOSITORY,
    ExitCode.LOCKED,
    ExitCode.WRONG_PASSWORD,
    ExitCode.REFUSED,
}
"""Failures that leave no data behind in the repository."""


def run(context: OperationContext) -> tuple[OperationResult]:
    """Back the volume up.

    The result is ``PARTIAL`` if the snapshot lacks some of the files, ``DAMAGED`` if it was saved into a
    repository that is damaged.

    Raises:
        Failure: nothing was saved.
    """
    if not entries(context.settings.data):
        return (_nothing_to_save(context, "the volume is empty"),)
    _recover_uploads(context)
    output = _save(context)
    context.state.uploading = False
    return (_result(context, output),)


def _result(context: OperationContext, output: BackupOutput) -> OperationResult:
    if output.summary is None and output.unreadable.count:
        message = _nothing_readable(output.unreadable)
        return OperationResult(Operation.BACKUP, ExitCode.USAGE, message, unreadable=output.unreadable)
    if output.summary is None:
        return _nothing_to_save(context, "every file is excluded")
    saved = _saved(context, output, output.summary) if output.summary.snapshot_id else _unchanged()
    return _with_failure(replace(saved, unreadable=output.unreadable), output)


def _with_failure(saved: OperationResult, output: BackupOutput) -> OperationResult:
    """Add the failure to the result of a saved backup, if restic reported damage or unreadable files."""
    damaged = classify_damage(output.damage)
    if damaged:
        return replace(saved, code=damaged.code, message=f"{saved.message}, but: {damaged.message}")
    if output.unreadable.count:
        return replace(saved, code=ExitCode.PARTIAL, message=f"{saved.message}, but {_unreadable(output.unreadable)}")
    return saved


def _nothing_to_save(context: OperationContext, reason: str) -> OperationResult:
    # VolSync's log filter looks for the beginning of this line.
    warning = f"Directory is empty, skipping backup: nothing to back up in {context.settings.data}, {reason}"
    context.warn(WarningReason.NOTHING_TO_BACK_UP, warning)
    return done(Operation.BACKUP, f"no snapshot saved: {reason}")


def _unchanged() -> OperationResult:
    message = "nothing has changed since the last snapshot"
    log.info(f"{message}: no new one was saved")
    return replace(done(Operation.BACKUP, message), unchanged=True)


def _save(context: OperationContext) -> BackupOutput:
    """Save a snapshot at once, without asking first whether there is a repository."""
    flags = list(_flags(context))
    try:
        try:
            return context.repository.backup(context.settings.data, flags)
        except Failure as failure:
            if failure.code is not ExitCode.NO_REPOSITORY:
                raise
            _create_repository(context, failure)
        return context.repository.backup(context.settings.data, flags)
    except Failure as failure:
        context.state.uploading |= failure.code not in BEFORE_UPLOADS
        raise


def _recover_uploads(context: OperationContext) -> None:
    """Have restic find again what a backup uploaded that was cut off before its index was written."""
    if not context.state.uploading:
        return
    log.info("the last backup was interrupted: looking for data that it uploaded")
    try:
        context.repository.repair_index()
    except Failure as failure:
        if failure.code is ExitCode.LOCKED:
            message = f"Uploads of the last, interrupted backup cannot be looked for: {failure.message}"
            context.warn(WarningReason.UPLOADS_NOT_RECOVERED, message)
        elif failure.code is not ExitCode.NO_REPOSITORY:
            raise
    else:
        context.store.note_exclusive_lock()


def _create_repository(context: OperationContext, missing: Failure) -> None:
    """Create the repository, if that is allowed and none was here before."""
    allowed = context.settings.repository_init
    if allowed is RepositoryInit.NEVER:
        raise missing
    if allowed is RepositoryInit.AUTO:
        check_not_gone(missing, context)
    context.repository.init()
    log.info("created restic repository at %s", context.repository.shown)


def _flags(context: OperationContext) -> Iterator[str]:
    yield f"--exclude={literal(str(context.settings.data))}/{LOST_AND_FOUND}"
    yield from (f"--exclude={pattern}" for pattern in context.settings.backup.exclude)
    yield from (f"--tag={tag}" for tag in context.settings.backup.tags)
    if context.settings.backup.skip_if_unchanged:
        yield "--skip-if-unchanged"


def _saved(context: OperationContext, output: BackupOutput, summary: BackupSummary) -> OperationResult:
    """Keep the snapshot, log it, and make the result."""
    snapshot = _snapshot(output, summary)
    context.volume.snapshot = SnapshotRef(snapshot.id, snapshot.time)
    if snapshot.complete:
        context.volume.complete = context.volume.snapshot
    context.store.save()
    # In restic's own words, also for one file: VolSync's log filter looks for these lines.
    log.info("processed %s files, %s in %s", summary.files, _restic_size(summary.bytes), duration(summary.seconds))
    log.info("Added to the repository: %s", _restic_size(summary.data_added))
    log.info("snapshot %s saved", snapshot.id[:8])
    message = f"snapshot {snapshot.id[:8]} saved with {count(summary.files, 'file')}, {size(summary.bytes)}"
    return replace(done(Operation.BACKUP, message), snapshot=snapshot)


def _restic_size(number: int) -> str:
    """Write bytes as restic itself does, ``3.402 MiB``: VolSync's log filter matches it."""
    return size(number, decimals=3)


def _snapshot(output: BackupOutput, summary: BackupSummary) -> SavedSnapshot:
    return SavedSnapshot(
        id=summary.snapshot_id,
        time=summary.time,
        files=summary.files,
        bytes=summary.bytes,
        new=summary.files_new,
        changed=summary.files_changed,
        added=summary.data_added,
        complete=output.unreadable.count == 0,
    )


def _nothing_readable(unreadable: FailedFiles) -> str:
    user = os.geteuid()
    return f"No snapshot saved: {_unreadable(unreadable)}; run as a user who can read the volume, not as uid {user}"


def _unreadable(unreadable: FailedFiles) -> str:
    names = ", ".join(repr(name) for name in unreadable.files)
    more = unreadable.count - len(unreadable.files)
    rest = f" and {more} more" if more > 0 else ""
    return f"{count(unreadable.count, 'file')} could not be read: {names}{rest}"
