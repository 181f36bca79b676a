"""The sample volume: a few hundred files, with everything in it that is hard to back up."""

import contextlib
import os
import random
from collections.abc import Iterator
from pathlib import Path

SEED = 20260131
MIB = 1024 * 1024

PHOTOS = 30
NOTES = 240

ODD_NAMES = (
    b"with space",
    b" leading and trailing ",
    b"-rf",
    b"line\nbreak",
    b"tab\there",
    b'quote\'s "and" back\\slash',
    b"*?[glob]",
    b"$HOME",
    "grüße 🎈".encode(),
    b"not utf-8 \xff\xfe",
    b"n" * 255,
)

YEAR_SECONDS = 365 * 24 * 3600
START_SECONDS = 1_700_000_000
"""Seconds since 1970: the oldest of the modification times."""


def make(root: Path) -> None:
    """Fill a new folder; the same each time."""
    generator = random.Random(SEED)  # noqa: S311  photos, not keys
    root.mkdir(parents=True)
    for name, content in (*_photos(generator), *_notes(generator)):
        _write(root / name, content)
    _hard_cases(root)
    for path in sorted(root.rglob("*")):
        moment = START_SECONDS * 10**9 + generator.randrange(YEAR_SECONDS * 10**9)
        os.utime(path, ns=(moment, moment), follow_symlinks=False)


def change(root: Path) -> str:
    """Change a volume as a week of work does, and return a summary."""
    generator = random.Random(SEED + 1)  # noqa: S311
    notes = sorted((root / "notes").rglob("*.txt"))
    for note in notes[:25]:
        with note.open("a") as file:
            file.write("One more line.\n")
    for note in notes[-10:]:
        note.unlink()
    (root / "photos/00.jpg").rename(root / "photos/first.jpg")
    for number in range(5):
        _write(root / f"photos/new/{number}.jpg", generator.randbytes(MIB))
    (root / "script").chmod(0o700)
    return "25 notes edited, 10 deleted, a photo renamed, 5 new ones, the mode of a script changed"


def _photos(generator: random.Random) -> Iterator[tuple[str, bytes]]:
    """Bytes that cannot be compressed, as in photos."""
    for number in range(PHOTOS):
        yield f"photos/{number:02}.jpg", generator.randbytes(generator.randrange(MIB // 2, 3 * MIB // 2))


def _notes(generator: random.Random) -> Iterator[tuple[str, bytes]]:
    for number in range(NOTES):
        text = f"Note {number}\n" + "The quick brown fox jumps over the lazy dog.\n" * generator.randrange(200)
        yield f"notes/{number % 6}/{number % 4}/{number:03}.txt", text.encode()


def _hard_cases(root: Path) -> None:
    (root / "empty folder").mkdir()
    (root / "empty file").touch()
    _write(root / "script", b"#!/bin/sh\necho hello\n", 0o755)
    _write(root / "private", b"for my eyes only\n", 0o600)
    _write(root / "read-only", b"do not touch\n", 0o444)
    _sparse(root / "disk.img", 32 * MIB)
    (root / "another name of photo 01").hardlink_to(root / "photos/01.jpg")
    (root / "link to a note").symlink_to("notes/0/0/000.txt")
    (root / "link to a folder").symlink_to("photos")
    (root / "link to nowhere").symlink_to("/no/such/place")
    (root / "odd names").mkdir()
    for name in ODD_NAMES:
        _odd(root / "odd names" / os.fsdecode(name))


def _odd(path: Path) -> None:
    """Make a file with an odd name, unless this file system refuses such a name."""
    with contextlib.suppress(OSError):
        path.write_bytes(b"What's in a name?\n")


def _sparse(path: Path, size: int) -> None:
    """Make a file that is nearly all hole."""
    with path.open("wb") as file:
        file.seek(size // 2)
        file.write(b"an island of data")
        file.truncate(size)


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
