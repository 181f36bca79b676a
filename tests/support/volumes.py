"""Volumes to back up, and the comparison of two of them."""

import hashlib
import os
import stat
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

MIB = 1024 * 1024

ODD_NAMES = (
    b"new\nline",
    b"not utf-8 \xff\xfe\xe4",
    b"tab\tand bell\a",
    b" blanks around ",
    b"-rf",
    b"--help",
    b"star * question ? [brackets]",
    b"back\\slash",
    b"quote ' and \"",
    b"$HOME `id` %s {}",
    "größe 大きさ 🗄".encode(),
    b"n" * 255,
)

BEFORE_THE_EPOCH = -86_400 * 10**9 + 123_456_789
"""Nanoseconds: a day before 1970."""
LONG_AHEAD = 4_102_444_800 * 10**9
"""Nanoseconds: the year 2100."""


def small(folder: Path) -> Path:
    """Make a volume of three files, two of them in folders."""
    for name, content in {"one": "1", "folder/two": "22", "folder/deeper/three": "333"}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def varied(folder: Path) -> Path:
    """Make a volume that holds one of everything a file system can hold; as root also of other owners."""
    folder.mkdir(parents=True, exist_ok=True)
    _odd_names(folder / "names")
    _links(folder / "links")
    _kinds(folder / "kinds")
    _metadata(folder / "metadata")
    if os.geteuid() == 0:
        _owners(folder / "owners")
    return folder


def _odd_names(folder: Path) -> None:
    folder.mkdir()
    for number, name in enumerate(ODD_NAMES):
        (folder / os.fsdecode(name)).write_text(f"content {number}")
    (folder / "lost+found").mkdir()
    (folder / "lost+found" / "kept").write_text("only the one at the root is mkfs's own")


def _links(folder: Path) -> None:
    folder.mkdir()
    (folder / "file").write_text("linked")
    (folder / "hard").hardlink_to(folder / "file")
    (folder / "relative").symlink_to("file")
    (folder / "dangling").symlink_to("/nowhere/at all")
    (folder / "to a folder").symlink_to("..")


def _kinds(folder: Path) -> None:
    folder.mkdir()
    (folder / "empty file").touch()
    (folder / "empty folder" / "in one").mkdir(parents=True)
    os.mkfifo(folder / "fifo", 0o640)
    with (folder / "sparse").open("wb") as sparse:
        sparse.truncate(8 * MIB)
        sparse.seek(4 * MIB)
        sparse.write(b"an island")
    (folder / "random").write_bytes(os.urandom(3 * MIB))


def _metadata(folder: Path) -> None:
    folder.mkdir()
    for mode in (0o400, 0o755, 0o4755, 0o2644, 0o1600):
        path = folder / f"{mode:o}"
        path.write_text("x")
        path.chmod(mode)
    (folder / "sticky").mkdir()
    (folder / "sticky").chmod(0o1777)
    (folder / "locked").mkdir()
    (folder / "locked" / "in it").touch()
    (folder / "xattr").touch()
    os.setxattr(folder / "xattr", "user.colour", b"blue\0\xff")
    os.setxattr(folder / "sticky", "user.empty", b"")
    for name, when in {"old": BEFORE_THE_EPOCH, "ahead": LONG_AHEAD}.items():
        (folder / name).touch()
        os.utime(folder / name, ns=(when, when))
    (folder / "symlink").symlink_to("old")
    os.utime(folder / "symlink", ns=(10**18, 10**18), follow_symlinks=False)
    (folder / "locked").chmod(0o555)
    os.utime(folder, ns=(10**18, 10**18 + 1))


def _owners(folder: Path) -> None:
    folder.mkdir()
    for name, owner in {"theirs": (1234, 5678), "group": (0, 5678)}.items():
        (folder / name).touch()
        os.chown(folder / name, *owner)
    (folder / "link").symlink_to("theirs")
    os.chown(folder / "link", 1234, 5678, follow_symlinks=False)
    os.chown(folder, 1234, 5678)


def differences(expected: Path, found: Path, *, owners: bool = True) -> list[str]:
    """List every way in which two volumes differ, one a line; an empty list says that they are equal.

    Compared are names, kinds, contents, links, permissions, owners, times of modification and extended
    attributes; not the folders' own, as a snapshot of `.` does not hold the volume's root.
    """
    return list(_differences(expected, found, owners=owners))


def _differences(expected: Path, found: Path, *, owners: bool) -> Iterator[str]:
    left, right = _names(expected), _names(found)
    yield from (f"{name!r} is missing" for name in sorted(left - right))
    yield from (f"{name!r} should not be there" for name in sorted(right - left))
    for name in sorted(left & right):
        before, after = (_facts(root / name, owners=owners) for root in (expected, found))
        yield from (
            f"{name!r}: {fact} should be {before.get(fact)!r}, is {after.get(fact)!r}"
            for fact in sorted(before.keys() | after.keys())
            if before.get(fact) != after.get(fact)
        )
    yield from (f"{sorted(group)} should be one file" for group in _linked(expected) - _linked(found))
    yield from (f"{sorted(group)} should not be one file" for group in _linked(found) - _linked(expected))


def _names(root: Path) -> set[str]:
    """List all names below a folder; bytes that are no text are escaped as Python does."""
    return {
        str(Path(folder, name).relative_to(root))
        for folder, folders, files in os.walk(root)
        for name in (*folders, *files)
    }


def _facts(path: Path, *, owners: bool) -> dict[str, object]:
    status = path.lstat()
    facts: dict[str, object] = {"mode": stat.filemode(status.st_mode), "modified": status.st_mtime_ns}
    if owners:
        facts |= {"user": status.st_uid, "group": status.st_gid}
    if stat.S_ISREG(status.st_mode):
        facts |= {"size": status.st_size, "content": _content(path)}
    if stat.S_ISLNK(status.st_mode):
        return facts | {"target": path.readlink()}
    return facts | {f"xattr {name}": os.getxattr(path, name) for name in os.listxattr(path)}


def _content(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _linked(root: Path) -> set[frozenset[str]]:
    """Group the names that are hard links of one file."""
    groups = defaultdict(set)
    for name in _names(root):
        status = (root / name).lstat()
        if stat.S_ISREG(status.st_mode):
            groups[status.st_ino].add(name)
    return {frozenset(group) for group in groups.values() if len(group) > 1}
