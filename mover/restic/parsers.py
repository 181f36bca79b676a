"""What is kept of restic's messages, command by command. Each process gets a new answer to fill."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mover.reporting.outcome import Unreadable
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
    text_of,
    whole_of,
)

IGNORED = re.compile(r'Ignoring "(?P<id>[0-9a-f]{8,64})": failed to load snapshot')

LONGEST_REASON = 300
"""Characters of what check says of one pack, which names each of its blobs."""


class Discard:
    """Of commands that have nothing to say."""

    def handle(self, message: Message) -> None:
        """Keep nothing."""


@dataclass
class TextOutput:
    """Of commands that know no JSON: their lines."""

    lines: list[str] = field(default_factory=list)

    def handle(self, message: Message) -> None:
        """Keep the line."""
        if isinstance(message, Text):
            self.lines.append(message.line)


@dataclass
class BackupOutput:
    """Of ``backup``: no summary where there was nothing to put into a snapshot."""

    volume: str
    """Its path with a slash at the end: restic names files with it and folders without, so it is left out."""
    summary: BackupSummary | None = None
    unreadable: Unreadable = field(default_factory=Unreadable)
    damage: str = ""
    """What restic found wrong with the repository itself, while it went on."""

    def handle(self, message: Message) -> None:
        """Keep the summary, and tell unreadable files from a damaged repository."""
        match message:
            case BackupSummary():
                self.summary = message
            case FileError(_, reason) if "repository could be damaged" in reason:
                self.damage = reason
            case FileError(item, _, during) if during != "scan":
                self.unreadable.add(item.removeprefix(self.volume))


@dataclass
class SnapshotList:
    """Of ``snapshots``."""

    snapshots: list[Snapshot] = field(default_factory=list)
    heard: bool = False
    """The list was printed."""
    damaged: list[str] = field(default_factory=list)
    """Ids of snapshots that can't be read: restic leaves them out and goes on."""

    def handle(self, message: Message) -> None:
        """Keep the list, and what is not in it."""
        if isinstance(message, Text) and (ignored := IGNORED.match(message.line)):
            self.damaged.append(ignored["id"])
        if isinstance(message, Document) and isinstance(message.value, list):
            self.snapshots, self.heard = snapshots(message.value), True


@dataclass
class ForgetOutput:
    """Of ``forget``: what was kept and what was removed (or would be, in a dry run)."""

    decided: Callable[["ForgetOutput"], None] = lambda _: None
    """Called once the list is there: what follows is the prune."""
    kept: list[Snapshot] = field(default_factory=list)
    removed: list[Snapshot] = field(default_factory=list)

    def handle(self, message: Message) -> None:
        """Keep the groups of the list."""
        if isinstance(message, Document) and isinstance(message.value, list):
            groups = [group for group in message.value if isinstance(group, dict)]
            self.kept = [s for group in groups for s in snapshots(group.get("keep"))]
            self.removed = [s for group in groups for s in snapshots(group.get("remove"))]
            self.decided(self)


@dataclass
class RestoreOutput:
    """Of ``restore``: its summary counts failed files too, so the errors are kept beside it."""

    summary: RestoreSummary | None = None
    failed: Unreadable = field(default_factory=Unreadable)
    not_owned: int = 0
    """Files whose content is there but whose owner could not be set."""
    reason: str = ""
    """Of the first failed file."""
    _names: set[str] = field(default_factory=set)

    def handle(self, message: Message) -> None:
        """Keep the summary, and tell lost ownership from lost content."""
        match message:
            case RestoreSummary():
                self.summary = message
            case FileError(_, reason) if reason.startswith("lchown ") and "not permitted" in reason:
                self.not_owned += 1
            case FileError(item, reason) if item not in self._names:
                self._names.add(item)  # restic tells of a file once for each of its blobs
                self.failed.add(item)
                self.reason = self.reason or reason


@dataclass
class CheckOutput:
    """Of ``check``: what it found, the first of it in restic's own words."""

    summary: CheckSummary | None = None
    first: str = ""

    def handle(self, message: Message) -> None:
        """Keep the summary and the first error; advice follows on the errors."""
        match message:
            case CheckSummary():
                self.summary = message
            case FileError(_, text):
                self.first = self.first or " ".join(text.split())[:LONGEST_REASON]

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return self.summary.errors if self.summary else 0

    @property
    def broken_packs(self) -> tuple[str, ...]:
        """The packs that are damaged, as far as restic names them."""
        return self.summary.broken_packs if self.summary else ()

    @property
    def suggest_repair_index(self) -> bool:
        """Whether only the index is damaged, which restic can build anew."""
        return bool(self.summary and self.summary.suggest_repair_index)


@dataclass
class ForeignOwnerCounter:
    """Of ``ls``: how many entries of a snapshot are not of this user and one of these groups."""

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
    """Of ``ls``: how many bytes of a snapshot's files are not in a folder yet."""

    folder: Path
    bytes: int = 0
    _inodes: set[int] = field(default_factory=set)

    def handle(self, message: Message) -> None:
        """Add what of a file exceeds the one that is there; hard links to one file need its space once."""
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
