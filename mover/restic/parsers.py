"""Parsers of restic's output, one for each command. Each process gets a new instance.

A parser takes in the messages of one command and keeps what its operation needs of them. The lines shown are those of
restic 0.19.1, shortened (restic manual, "Scripting"); messages of their own type are shown in ``messages``.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mover.platform.clock import Clock
from mover.platform.units import count
from mover.restic.json_fields import text_of, whole_of
from mover.restic.messages import (
    BackupSummary,
    CheckSummary,
    Document,
    FileError,
    Message,
    RestoreSummary,
    Snapshot,
    Text,
    snapshots,
)
from mover.restic.phrases import ignored_snapshot, is_owner_error, is_repository_damage

log = logging.getLogger(__name__)

MAX_REASON_CHARACTERS = 300
"""Length limit of the first error of ``check``, which may list every blob of a pack."""

MOST_FILES_NAMED = 5


@dataclass
class FailedFiles:
    """Files that a backup could not read or a restore could not write: how many, and the names of the first few."""

    count: int = 0
    files: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Count one more, and keep its name while there is room."""
        self.count += 1
        if len(self.files) < MOST_FILES_NAMED:
            self.files.append(name)


class Discard:
    """Parser of commands whose output is not needed."""

    def handle(self, message: Message) -> None:
        """Keep nothing."""


@dataclass
class TextOutput:
    """Parser of commands without JSON: their lines, such as ``successfully removed 2 locks`` of ``unlock``."""

    lines: list[str] = field(default_factory=list)

    def handle(self, message: Message) -> None:
        """Keep the line."""
        if isinstance(message, Text):
            self.lines.append(message.line)


@dataclass
class BackupOutput:
    """Parser of ``backup``: no summary if there was nothing to put into a snapshot."""

    volume: str
    """Path with a trailing slash: restic reports files with it and directories without it; removed from names."""
    summary: BackupSummary | None = None
    unreadable: FailedFiles = field(default_factory=FailedFiles)
    damage: str = ""
    """What restic found damaged in the repository itself, while it went on."""

    def handle(self, message: Message) -> None:
        """Keep the summary, and separate unreadable files from a damaged repository."""
        match message:
            case BackupSummary():
                self.summary = message
            case FileError(_, reason) if is_repository_damage(reason):
                self.damage = reason
            case FileError(item, _, during) if during != "scan":
                self.unreadable.add(item.removeprefix(self.volume))


@dataclass
class SnapshotList:
    """Parser of ``snapshots``: one array, after a line for each snapshot that can't be read.

    ``Ignoring "07c0b289f2ec…": failed to load snapshot 07c0b289: …``, then ``[{"time":…,"id":…}, …]``
    """

    snapshots: list[Snapshot] = field(default_factory=list)
    was_printed: bool = False
    """restic printed its list, if only an empty one."""
    damaged: list[str] = field(default_factory=list)
    """IDs of snapshots that can't be read: restic leaves them out and goes on."""

    def handle(self, message: Message) -> None:
        """Keep the list, and what is not in it."""
        if isinstance(message, Text) and (ignored := ignored_snapshot(message.line)):
            self.damaged.append(ignored)
        if isinstance(message, Document) and isinstance(message.value, list):
            self.snapshots, self.was_printed = snapshots(message.value), True


@dataclass
class ForgetOutput:
    """Parser of ``forget``: what was kept and what was removed (or would be, in a dry run).

    ``[{"tags":null,"host":"volsync","paths":["/data"],"keep":[{"time":…,"id":…}],"remove":null,"reasons":[…]}]``
    """

    clock: Clock = field(default_factory=Clock)
    kept: list[Snapshot] = field(default_factory=list)
    removed: list[Snapshot] = field(default_factory=list)
    prune_follows: bool = False
    """Whether the same process goes on to prune, if it has removed a snapshot."""
    forgotten_at: float | None = None
    """Monotonic time at which the list was printed, in seconds: what follows is the prune."""

    def handle(self, message: Message) -> None:
        """Keep the groups of the array."""
        if isinstance(message, Document) and isinstance(message.value, list):
            groups = [group for group in message.value if isinstance(group, dict)]
            self.kept = [s for group in groups for s in snapshots(group.get("keep"))]
            self.removed = [s for group in groups for s in snapshots(group.get("remove"))]
            self.forgotten_at = self.clock.monotonic()
            if self.prune_follows and self.removed:
                # Not after the process has ended: the prune may take hours.
                log.info(forgotten_message(self.removed, self.kept))


def forgotten_message(removed: Sequence[Snapshot], kept: Sequence[Snapshot]) -> str:
    """Return how many snapshots a forget removed and kept."""
    return f"{count(len(removed), 'snapshot')} forgotten, {len(kept)} kept"


@dataclass
class RestoreOutput:
    """Parser of ``restore``: its summary counts failed files too, so the errors are kept beside it."""

    summary: RestoreSummary | None = None
    failed: FailedFiles = field(default_factory=FailedFiles)
    not_owned: int = 0
    """Files whose content is there but whose owner could not be set."""
    reason: str = ""
    """restic's reason for the first failed file."""
    _names: set[str] = field(default_factory=set)

    def handle(self, message: Message) -> None:
        """Keep the summary, and separate lost ownership from lost content."""
        match message:
            case RestoreSummary():
                self.summary = message
            case FileError(_, reason) if is_owner_error(reason):
                self.not_owned += 1
            case FileError(item, reason) if item not in self._names:
                self._names.add(item)  # restic reports a file once for each of its blobs
                self.failed.add(item)
                self.reason = self.reason or reason


@dataclass
class CheckOutput:
    """Parser of ``check``: how many errors it found, and the first of them as restic prints it."""

    summary: CheckSummary | None = None
    first: str = ""

    def handle(self, message: Message) -> None:
        """Keep the summary and the first error; restic prints advice as further errors."""
        match message:
            case CheckSummary():
                self.summary = message
            case FileError(_, text):
                self.first = self.first or " ".join(text.split())[:MAX_REASON_CHARACTERS]

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return self.summary.errors if self.summary else 0

    @property
    def broken_packs(self) -> tuple[str, ...]:
        """IDs of the packs that are damaged, as far as restic lists them."""
        return self.summary.broken_packs if self.summary else ()

    @property
    def suggest_repair_index(self) -> bool:
        """Whether only the index is damaged, which restic can rebuild."""
        return bool(self.summary and self.summary.suggest_repair_index)


@dataclass
class ForeignOwnerCounter:
    """Parser of ``ls``: number of entries of a snapshot not owned by this user and one of these groups.

    ``{"name":"a","type":"file","path":"/a","uid":0,"gid":0,"size":2,…,"message_type":"node"}``
    """

    user: int
    groups: set[int]
    foreign: int = 0

    def handle(self, message: Message) -> None:
        """Count the entries whose owner or group is another one."""
        if isinstance(message, Document) and isinstance(message.value, dict) and "uid" in message.value:
            owned = message.value["uid"] == self.user and message.value.get("gid") in self.groups
            self.foreign += not owned


@dataclass
class MissingBytesCounter:
    """Parser of ``ls``: how many bytes of a snapshot's files are not in a directory yet.

    ``{"name":"a","type":"file","path":"/a","size":2,"inode":9977957,…,"message_type":"node"}``
    """

    folder: Path
    bytes: int = 0
    _inodes: set[int] = field(default_factory=set)

    def handle(self, message: Message) -> None:
        """Add the bytes by which a file is larger than the existing one; hard links count once."""
        node = message.value if isinstance(message, Document) and isinstance(message.value, dict) else {}
        if node.get("type") != "file" or whole_of(node, "inode") in self._inodes:
            return
        self._inodes.add(whole_of(node, "inode"))
        self.bytes += max(0, whole_of(node, "size") - self._size(text_of(node, "path")))

    def _size(self, path: str) -> int:
        try:
            return (self.folder / path.lstrip("/")).lstat().st_size
        except (OSError, ValueError):
            return 0
