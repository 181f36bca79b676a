"""A folder's tree as it can be compared: what each entry is, holds and carries. It is only ever read."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LOST_AND_FOUND = Path("lost+found")
"""At the root of a volume it belongs to the file system, and is in no snapshot."""

BYTES_PER_ENTRY = 4096
"""What an entry may take on disk beside its content."""

KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}


@dataclass(frozen=True)
class Entry:
    """One entry of a tree, without its name. Its fields are what a restore has to bring back."""

    kind: str
    mode: str
    """As ``ls`` shows it, such as ``-rw-r--r--``."""
    modification_time: int
    """Nanoseconds since 1970."""
    owner: tuple[int, int] | None
    """User and group, if this process could have kept them."""
    content: str
    """A digest of a file, the target of a symbolic link."""
    hard_link: Path | None
    """The first path of a file that has several, for the others."""


@dataclass
class Tree:
    """All entries of a folder by their path in it, without the folder itself."""

    entries: dict[Path, Entry] = field(default_factory=dict)
    size: int = 0
    """Bytes of all files; one that has several paths counts once."""
    unreadable: list[Path] = field(default_factory=list)
    """Paths that may not be read; what is below them is not known."""

    @property
    def files(self) -> int:
        """How many of the entries are files."""
        return sum(entry.kind == "file" for entry in self.entries.values())


def read(root: Path) -> Tree:
    """Read a folder, file contents included.

    Raises:
        OSError: the folder changed meanwhile, or its file system fails.
    """
    tree = Tree()
    first_paths: dict[tuple[int, int], Path] = {}
    for path, status in _walk(root, Path(), tree):
        first = first_paths.setdefault((status.st_dev, status.st_ino), path)
        try:
            tree.entries[path] = _entry(root / path, status, None if first == path else first)
        except PermissionError:
            tree.unreadable.append(path)
            continue
        if stat.S_ISREG(status.st_mode) and first == path:
            tree.size += status.st_size
    return tree


def space(root: Path) -> int:
    """Return how many bytes a copy of a folder may take on disk, without reading its files."""
    files = {
        (status.st_dev, status.st_ino): status.st_size if stat.S_ISREG(status.st_mode) else 0
        for _, status in _walk(root, Path(), Tree())
    }
    return sum(files.values()) + BYTES_PER_ENTRY * len(files)


def differences(original: Tree, copy: Tree) -> Iterator[str]:
    """Say of each entry that is not the same in both what differs; what could not be read is left out."""
    unreadable = [*original.unreadable, *copy.unreadable]
    for path in sorted(original.entries.keys() | copy.entries.keys()):
        if any(path.is_relative_to(place) for place in unreadable):
            continue
        if reason := _difference(original.entries.get(path), copy.entries.get(path)):
            yield f"{str(path)!r} {reason}"


def _difference(original: Entry | None, copy: Entry | None) -> str:
    if copy is None:
        return "is missing"
    if original is None:
        return "should not be there"
    before, after = vars(original), vars(copy)
    return ", ".join(f"has another {name.replace('_', ' ')}" for name in before if before[name] != after[name])


def _walk(root: Path, folder: Path, tree: Tree) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        names = sorted(path.name for path in (root / folder).iterdir())
    except PermissionError:
        tree.unreadable.append(folder)
        return
    for path in (folder / name for name in names):
        status = (root / path).lstat()
        if path == LOST_AND_FOUND or stat.S_ISSOCK(status.st_mode):  # restic saves no sockets
            continue
        yield path, status
        if stat.S_ISDIR(status.st_mode):
            yield from _walk(root, path, tree)


def _entry(path: Path, status: os.stat_result, hard_link: Path | None) -> Entry:
    return Entry(
        kind=KINDS.get(stat.S_IFMT(status.st_mode), "special file"),
        mode=stat.filemode(status.st_mode),
        modification_time=status.st_mtime_ns,
        owner=(status.st_uid, status.st_gid) if os.geteuid() == 0 else None,
        content=_content(path, status.st_mode),
        hard_link=hard_link,
    )


def _content(path: Path, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return str(path.readlink())
    if not stat.S_ISREG(mode):
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
