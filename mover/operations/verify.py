"""A trial restore, as part of a check: random files of the newest snapshot restored to scratch space and verified."""

import logging
import random
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext
from mover.platform import scratch
from mover.platform.units import count, size
from mover.restic.messages import Document, Message, Snapshot
from mover.restic.parsers import RestoreOutput
from mover.state.check_rotation import Verified

log = logging.getLogger(__name__)

BLOCK = 4096
"""Bytes: what a file takes is a multiple of it on most file systems."""

OF_THE_SCRATCH = re.compile(
    r"no space left|quota exceeded|permission denied|not permitted|read-only file system|not supported|name too long"
)
"""Errors of the place that files are restored to, which say nothing of the repository."""


@dataclass(frozen=True)
class File:
    """A regular file of a snapshot: its path from the snapshot's root, and its bytes."""

    path: str
    size: int


@dataclass
class Sample:
    """Of ``ls``: so many files out of all of them, each as likely as any other (reservoir sampling).

    Holds no more than the sample, however large the snapshot is.
    """

    most: int
    chance: random.Random = field(default_factory=random.SystemRandom)
    files: list[File] = field(default_factory=list)
    seen: int = 0

    def handle(self, message: Message) -> None:
        """Take a file in, instead of another one where the sample is full."""
        match message:
            case Document({"type": "file", "path": str(path), **fields}):
                self._take(File(path, _bytes(fields.get("size"))))

    def _take(self, file: File) -> None:
        self.seen += 1
        if len(self.files) < self.most:
            self.files.append(file)
        elif (place := self.chance.randrange(self.seen)) < self.most:
            self.files[place] = file


def restore(run: OperationContext) -> str:
    """Restore a sample and record that it is as it should be; return what is to be told of it.

    Nothing is recorded where there was no place for it, and nothing is done where none is asked for.

    Raises:
        Failure: ``DAMAGED`` where a file can't be restored as it was backed up.
    """
    most = run.settings.check.sample_files
    snapshots = run.repository.snapshots(str(run.settings.data)).snapshots if most else []
    if not snapshots:
        return ""
    # Listed under a lock: a prune at the same time would look like damage.
    sample = run.repository.listed(snapshots[0], lambda: Sample(most))
    if not sample.files:
        return ""
    with scratch.folder(run.settings.cache) as folder:
        return _restore(run, snapshots[0], sample.files, folder)


def _restore(run: OperationContext, snapshot: Snapshot, files: Sequence[File], folder: Path) -> str:
    needed, free = sum(-(-file.size // BLOCK) * BLOCK for file in files), shutil.disk_usage(folder).free
    if needed > free:
        return _not_verified(run, f"they take {size(needed)}, and {size(free)} are free at {folder.parent}")
    included = folder / "include"
    included.write_bytes(b"".join(pattern(file.path) for file in files))
    target = folder / "files"
    target.mkdir()
    log.info("restoring %s of snapshot %s on trial", count(len(files), "file"), snapshot.id[:8])
    # Attributes are left out: not every file system takes them.
    flags = ["--verify", f"--include-file={included}", "--exclude-xattr=*"]
    answer, failure = run.repository.restore(snapshot, target, flags)
    if failure and OF_THE_SCRATCH.search(answer.reason):
        return _not_verified(run, answer.reason)
    if failure:
        raise _explained(failure, snapshot, answer)
    return _record(run, snapshot, files, target)


def _not_verified(run: OperationContext, reason: str) -> str:
    run.outcome.warn(
        "The sampled files were not restored on trial: "
        f"{reason}; make the cache volume larger or VERIFY_SAMPLE_FILES smaller."
    )
    return ""


def _explained(failure: Failure, snapshot: Snapshot, answer: RestoreOutput) -> Failure:
    if failure.code not in {ExitCode.FAULT, ExitCode.DAMAGED} or not answer.failed.count:
        return failure
    failed = f"{count(answer.failed.count, 'file')} of snapshot {snapshot.id[:8]} could not be restored on trial"
    advice = "Run `restic check --read-data` to see how far, see docs/check.md"
    first = f"First: {answer.failed.files[0]!r}: {answer.reason}"
    return Failure(ExitCode.DAMAGED, f"The repository is damaged: {failed}. {advice}. {first}")


def _record(run: OperationContext, snapshot: Snapshot, files: Sequence[File], target: Path) -> str:
    """Count what is there now: restic finds nothing wrong where it restored nothing."""
    restored = [path.stat().st_size for path in target.rglob("*") if path.is_file()]
    if len(restored) < len(files):
        sentence = (
            f"restic restored {len(restored)} of {count(len(files), 'file')} of {snapshot.id[:8]} without a word."
        )
        raise Failure(ExitCode.FAULT, sentence)
    run.memory.verified = Verified(run.clock.now(), snapshot.id, len(restored), sum(restored))
    run.record.remember()
    return f", {count(len(restored), 'file')} ({size(sum(restored))}) restored and verified"


def pattern(path: str) -> bytes:
    r"""Write a path as a line of restic's include file that matches it, and hardly anything else.

    Such a line is trimmed, ``$NAME`` in it is expanded, and the rest is a glob. What can't be written in it is left
    to the glob's ``?``: line ends, white space at the end, and bytes that are no UTF-8, which ``ls`` shows as U+FFFD.
    """
    literal = re.sub(r"([\\*?\[\]])", r"\\\1", path).replace("$", "$$")
    literal = re.sub(r"[\n\r\ufffd]", "?", literal)
    kept = literal.rstrip()
    return (kept + "?" * (len(literal) - len(kept))).encode(errors="replace") + b"\n"


def _bytes(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
