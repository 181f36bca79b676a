"""Backup: a snapshot of the volume, and the repository created where restic says there is none."""

import logging
import os
import re
from collections.abc import Iterator

from mover.app.plan import Step
from mover.config.settings import RepositoryInit
from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext
from mover.platform.data_volume import LOST_AND_FOUND, entries
from mover.platform.units import count, duration, size
from mover.reporting.outcome import SavedSnapshot
from mover.restic.errors.classify import damage
from mover.restic.messages import BackupSummary
from mover.restic.parsers import BackupOutput
from mover.state.repository_state import SnapshotRef

log = logging.getLogger(__name__)

BEFORE_UPLOADS = {
    ExitCode.USAGE,
    ExitCode.NO_REPOSITORY,
    ExitCode.LOCKED,
    ExitCode.WRONG_PASSWORD,
    ExitCode.REFUSED,
}
"""Failures that leave no data behind in the repository."""


def perform(run: OperationContext, _: Step) -> str:
    """Back the volume up.

    Raises:
        Failure: ``PARTIAL`` where the snapshot lacks some of the files, ``DAMAGED`` where it was saved into a
            repository that is not whole; with any other code nothing was saved.
    """
    if not entries(run.settings.data):
        return _nothing_to_save(run, "the volume is empty")
    _recover_uploads(run)
    answer = _save(run)
    run.marker.uploading = False
    run.outcome.unreadable = answer.unreadable
    if answer.summary is None and answer.unreadable.count:
        raise Failure(ExitCode.USAGE, _nothing_readable(answer))
    if answer.summary is None:
        return _nothing_to_save(run, "every file is excluded")
    told = _record(run, answer, answer.summary) if answer.summary.snapshot_id else _unchanged(run)
    damaged = damage(answer.damage)
    if damaged:
        raise Failure(damaged.code, f"{told}, but: {damaged.sentence}")
    if answer.unreadable.count:
        raise Failure(ExitCode.PARTIAL, f"{told}, but {_unreadable(answer)}.")
    return told


def _nothing_to_save(run: OperationContext, reason: str) -> str:
    sentence = f"Directory is empty, skipping backup: nothing to back up in {run.settings.data}, {reason}"
    run.outcome.warn(f"{sentence}.")
    return f"no snapshot was taken, as {reason}"


def _unchanged(run: OperationContext) -> str:
    run.outcome.unchanged = True
    log.info("nothing has changed since the last snapshot: no new one was saved")
    return "nothing has changed since the last snapshot"


def _save(run: OperationContext) -> BackupOutput:
    """Save a snapshot at once, without asking first whether there is a repository."""
    flags = list(_flags(run))
    try:
        try:
            return run.repository.backup(run.settings.data, flags)
        except Failure as failure:
            if failure.code is not ExitCode.NO_REPOSITORY:
                raise
            _create(run, failure)
        return run.repository.backup(run.settings.data, flags)
    except Failure as failure:
        run.marker.uploading |= failure.code not in BEFORE_UPLOADS
        raise


def _recover_uploads(run: OperationContext) -> None:
    """Have restic find again what a backup uploaded that was cut off before its index was written."""
    if not run.marker.uploading:
        return
    log.info("the last backup was cut off: looking for what it uploaded")
    try:
        run.repository.repair_index()
    except Failure as failure:
        if failure.code is ExitCode.LOCKED:
            run.outcome.warn(f"What the last backup uploaded can't be looked for. {failure.sentence}")
        elif failure.code is not ExitCode.NO_REPOSITORY:
            raise
    else:
        run.record.had_an_exclusive_lock()


def _create(run: OperationContext, missing: Failure) -> None:
    """Create the repository, if that is allowed and none was here before."""
    allowed = run.settings.repository_init
    if allowed is RepositoryInit.NEVER:
        raise missing
    if allowed is RepositoryInit.AUTO and run.marker.knows_a_snapshot:
        raise run.gone() from missing
    run.repository.init()
    log.info("created restic repository at %s", run.repository.shown)


def _flags(run: OperationContext) -> Iterator[str]:
    yield f"--exclude={_literally(str(run.settings.data))}/{LOST_AND_FOUND}"
    yield from (f"--exclude={pattern}" for pattern in run.settings.backup.exclude)
    yield from (f"--tag={tag}" for tag in run.settings.backup.tags)
    if run.settings.backup.skip_if_unchanged:
        yield "--skip-if-unchanged"


def _literally(path: str) -> str:
    """Write a path so that restic's patterns match it and nothing else."""
    return re.sub(r"([\\*?\[\]])", r"\\\1", path)


def _record(run: OperationContext, answer: BackupOutput, summary: BackupSummary) -> str:
    """Note the snapshot in outcome, marker and log."""
    run.outcome.snapshot = SavedSnapshot(
        id=summary.snapshot_id,
        time=summary.time,
        files=summary.files,
        bytes=summary.bytes,
        new=summary.files_new,
        changed=summary.files_changed,
        added=summary.data_added,
        complete=answer.unreadable.count == 0,
    )
    run.memory.snapshot = SnapshotRef(summary.snapshot_id, summary.time)
    if run.outcome.snapshot.complete:
        run.memory.complete = run.memory.snapshot
    run.record.remember()
    # In restic's own words, also for one file: VolSync's log filter looks for these lines.
    log.info("processed %s files, %s in %s", summary.files, size(summary.bytes), duration(summary.seconds))
    log.info("Added to the repository: %s", size(summary.data_added))
    log.info("snapshot %s saved", summary.snapshot_id[:8])
    return f"snapshot {summary.snapshot_id[:8]} saved with {count(summary.files, 'file')}, {size(summary.bytes)}"


def _nothing_readable(answer: BackupOutput) -> str:
    user = os.geteuid()
    return f"No snapshot was saved: {_unreadable(answer)}; run as a user who may read the volume, not as user {user}."


def _unreadable(answer: BackupOutput) -> str:
    names = ", ".join(repr(name) for name in answer.unreadable.files)
    more = answer.unreadable.count - len(answer.unreadable.files)
    rest = f" and {more} more" if more > 0 else ""
    return f"{count(answer.unreadable.count, 'file')} could not be read: {names}{rest}"
