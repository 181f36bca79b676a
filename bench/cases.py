"""What is measured: for each case the same work done by the mover and by raw restic."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.sides import HOST, Cost, Side

MIB = 1024 * 1024
BACKUP = ("backup", "--host", HOST, ".")
FORGET_NOTHING = ("forget", "--host", HOST, "--keep-last", "1000")
FORGET_SOME = ("forget", "--host", HOST, "--keep-last", "2")
KEEP_ALL = {"RETAIN_LAST": "1000"}
KEEP_FEW = {"RETAIN_LAST": "2"}
PRUNE_IS_DUE = {"PRUNE_INTERVAL_DAYS": "1", "LAST_PRUNED": "2020-01-01T00:00:00Z"}


def some_files(volume: Path) -> None:
    """Fill the volume with 200 files of 100 kB."""
    _fill(volume, files=200, folders=20, size=100_000)


def many_files(volume: Path) -> None:
    """Fill the volume with 10,000 files of 1 kB in 1,000 folders."""
    _fill(volume, files=10_000, folders=1000, size=1000)


def one_file(volume: Path) -> None:
    """Fill the volume with one file of 1 GiB."""
    with (volume / "file").open("wb") as file:
        for _ in range(256):
            file.write(os.urandom(4 * MIB))


def _fill(volume: Path, *, files: int, folders: int, size: int) -> None:
    for number in range(files):
        path = volume / f"folder {number % folders}" / f"file {number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(size))


def nothing(_: Side) -> None:
    """Prepare nothing."""


def change(side: Side) -> None:
    """Change one file."""
    (side.data / "folder 1" / "file 1").write_bytes(os.urandom(100_000))


def forgettable(side: Side) -> None:
    """Have two snapshots, so that the next one is one too many."""
    side.raw([BACKUP, BACKUP, FORGET_SOME])
    side.forget_the_last_prune()


def unpruned(side: Side) -> None:
    """Have a prune due."""
    side.forget_the_last_prune()


def empty_target(side: Side) -> None:
    """Make an empty folder to restore to."""
    shutil.rmtree(side.target, ignore_errors=True)
    side.target.mkdir()


def new_repository(side: Side) -> None:
    """Begin with an empty repository."""
    side.start_anew()


@dataclass(frozen=True)
class ReconcileContext:
    """One thing to measure."""

    name: str
    volume: Callable[[Path], None]
    """Fills the volume; cases with the same one follow each other, and share it and their repositories."""
    mover: Callable[[Side], Cost]
    raw: Callable[[Side], Cost]
    before: Callable[[Side], None] = nothing
    """Prepares a side before each run; not measured."""
    rounds: int = 7


def _backup(
    name: str, volume: Callable[[Path], None], before: Callable[[Side], None], rounds: int = 7
) -> ReconcileContext:
    return ReconcileContext(
        name,
        volume,
        lambda side: side.mover(["backup"], KEEP_ALL),
        lambda side: side.raw([BACKUP, FORGET_NOTHING]),
        before,
        rounds,
    )


CASES: Sequence[ReconcileContext] = (
    _backup("no change", some_files, nothing),
    _backup("small change", some_files, change),
    ReconcileContext(
        "no change, skipped",
        some_files,
        lambda side: side.mover(["backup"], {**KEEP_ALL, "SKIP_IF_UNCHANGED": "true"}),
        lambda side: side.raw([(*BACKUP, "--skip-if-unchanged")]),
    ),
    ReconcileContext(
        "prune due, nothing forgotten",
        some_files,
        lambda side: side.mover(["backup"], {**KEEP_ALL, **PRUNE_IS_DUE}),
        lambda side: side.raw([BACKUP, FORGET_NOTHING, ("prune",)]),
        unpruned,
    ),
    ReconcileContext(
        "prune due, a snapshot forgotten",
        some_files,
        lambda side: side.mover(["backup"], {**KEEP_FEW, **PRUNE_IS_DUE}),
        lambda side: side.raw([BACKUP, (*FORGET_SOME, "--prune")]),
        forgettable,
    ),
    ReconcileContext(
        "restore latest",
        some_files,
        lambda side: side.mover(["restore"], {"DATA_DIR": str(side.target), "RESTORE_PATH": str(side.data)}),
        lambda side: side.raw([("restore", "latest", "--host", HOST, "--target", str(side.target))]),
        empty_target,
    ),
    ReconcileContext(
        "restore, volume unchanged",
        some_files,
        lambda side: side.mover(["restore"], {}),
        lambda side: side.raw([("restore", "latest", "--host", HOST, "--target", str(side.data))]),
    ),
    _backup("10,000 files in 1,000 folders", many_files, new_repository, rounds=3),
    _backup("one file of 1 GiB", one_file, new_repository, rounds=3),
)
