"""Verify, a part of check: random files of the newest snapshot are restored to scratch space and compared.

``restic check`` proves that the repository is consistent; only a restore proves that files come back.
"""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext
from mover.operations.sample import File, Sample
from mover.platform import scratch
from mover.platform.units import count, size
from mover.restic.messages import Snapshot
from mover.restic.parsers import RestoreOutput
from mover.restic.patterns import include_line
from mover.restic.phrases import is_scratch_error
from mover.state.check_rotation import Verified
from mover.warning_reasons import WarningReason

log = logging.getLogger(__name__)

BLOCK_BYTES = 4096
"""What a file takes is a multiple of it on most file systems."""


def run(context: OperationContext) -> str:
    """Restore and verify a sample, record the test restore, and return its part of the check's message.

    Nothing is kept if there was no space for it, and nothing is done if none is asked for.

    Raises:
        Failure: ``DAMAGED`` if a file can't be restored as it was backed up.
    """
    most = context.settings.check.sample_files
    snapshots = context.repository.snapshots(str(context.settings.data)).snapshots if most else []
    if not snapshots:
        return ""
    # Listed under a lock: a prune at the same time would look like damage.
    sample = context.repository.list_files(snapshots[0], lambda: Sample(most))
    if not sample.files:
        return ""
    with scratch.folder(context.settings.cache) as folder:
        return _restore(context, snapshots[0], sample.files, folder)


def _restore(context: OperationContext, snapshot: Snapshot, files: Sequence[File], folder: Path) -> str:
    needed, free = sum(-(-file.size // BLOCK_BYTES) * BLOCK_BYTES for file in files), shutil.disk_usage(folder).free
    if needed > free:
        return _not_verified(context, f"{size(needed)} needed, {size(free)} free at {folder.parent}")
    included = folder / "include"
    included.write_bytes(b"".join(include_line(file.path) for file in files))
    target = folder / "files"
    target.mkdir()
    log.info("restoring %s of snapshot %s for verification", count(len(files), "file"), snapshot.id[:8])
    # Attributes are left out: not every file system takes them.
    flags = ["--verify", f"--include-file={included}", "--exclude-xattr=*"]
    output, failure = context.repository.restore(snapshot, target, flags)
    if failure and is_scratch_error(output.reason):
        return _not_verified(context, output.reason)
    if failure:
        raise _explained(failure, snapshot, output)
    return _record(context, snapshot, files, target)


def _not_verified(context: OperationContext, reason: str) -> str:
    context.warn(
        WarningReason.FILES_NOT_VERIFIED,
        f"Test restore skipped: {reason}; enlarge the cache volume or lower VERIFY_SAMPLE_FILES",
    )
    return ""


def _explained(failure: Failure, snapshot: Snapshot, output: RestoreOutput) -> Failure:
    if failure.code not in {ExitCode.FAULT, ExitCode.DAMAGED} or not output.failed.count:
        return failure
    failed = f"test restore failed for {count(output.failed.count, 'file')} of snapshot {snapshot.id[:8]}"
    advice = "run `restic check --read-data` to see how much is damaged, see docs/check.md"
    first = f"First error: {output.failed.files[0]!r}: {output.reason}"
    return Failure(ExitCode.DAMAGED, f"Repository is damaged: {failed}; {advice}. {first}")


def _record(context: OperationContext, snapshot: Snapshot, files: Sequence[File], target: Path) -> str:
    """Count what is there now: restic reports success even if it restored nothing."""
    restored = [path.stat().st_size for path in target.rglob("*") if path.is_file()]
    if len(restored) < len(files):
        message = (
            f"restic reported success but restored only {len(restored)} of {count(len(files), 'sampled file')} "
            f"of snapshot {snapshot.id[:8]}"
        )
        raise Failure(ExitCode.FAULT, message)
    context.volume.verified = Verified(context.clock.now(), snapshot.id, len(restored), sum(restored))
    context.store.save()
    return f", {count(len(restored), 'file')} ({size(sum(restored))}) restored and verified"
