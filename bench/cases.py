"""The cases of the benchmark: the same work done by the mover and by restic alone."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.contenders import HOST, Contender, Cost

MIB = 1024 * 1024
BACKUP = ("backup", "--host", HOST, ".")
FORGET_NOTHING = ("forget", "--host", HOST, "--keep-last", "1000")
FORGET_SOME = ("forget", "--host", HOST, "--keep-last", "2")
KEEP_ALL = {"RETAIN_LAST": "1000"}
KEEP_TWO = {"RETAIN_LAST": "2"}
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


def nothing(_: Contender) -> None:
    """Do nothing."""


def change(contender: Contender) -> None:
    """Change one file."""
    (contender.data / "folder 1" / "file 1").write_bytes(os.urandom(100_000))


def forgettable(contender: Contender) -> None:
    """Leave two snapshots, so that retention forgets one after the next backup; a prune is due."""
    contender.raw([BACKUP, BACKUP, FORGET_SOME])
    contender.clear_last_prune()


def unpruned(contender: Contender) -> None:
    """Make a prune due."""
    contender.clear_last_prune()


def empty_target(contender: Contender) -> None:
    """Make an empty folder to restore to."""
    shutil.rmtree(contender.target, ignore_errors=True)
    contender.target.mkdir()


def new_repository(contender: Contender) -> None:
    """Start with an empty repository."""
    contender.reset_repository()


@dataclass(frozen=True)
class Case:
    """One kind of work, measured for both contenders."""

    name: str
    volume: Callable[[Path], None]
    """Fills the volume. Cases with the same function run in sequence on one volume and its repositories."""
    mover: Callable[[Contender], Cost]
    raw: Callable[[Contender], Cost]
    before: Callable[[Contender], None] = nothing
    """Prepares a contender before each run; not measured."""
    rounds: int = 7


def _backup(name: str, volume: Callable[[Path], None], before: Callable[[Contender], None], rounds: int = 7) -> Case:
    return Case(
        name,
        volume,
        lambda contender: contender.mover(["backup"], KEEP_ALL),
        lambda contender: contender.raw([BACKUP, FORGET_NOTHING]),
        before,
        rounds,
    )


CASES: Sequence[Case] = (
    _backup("no change", some_files, nothing),
    _backup("small change", some_files, change),
    Case(
        "no change, skipped",
        some_files,
        lambda contender: contender.mover(["backup"], {**KEEP_ALL, "SKIP_IF_UNCHANGED": "true"}),
        lambda contender: contender.raw([(*BACKUP, "--skip-if-unchanged")]),
    ),
    Case(
        "prune due, nothing forgotten",
        some_files,
        lambda contender: contender.mover(["backup"], {**KEEP_ALL, **PRUNE_IS_DUE}),
        lambda contender: contender.raw([BACKUP, FORGET_NOTHING, ("prune",)]),
        unpruned,
    ),
    Case(
        "prune due, a snapshot forgotten",
        some_files,
        lambda contender: contender.mover(["backup"], {**KEEP_TWO, **PRUNE_IS_DUE}),
        lambda contender: contender.raw([BACKUP, (*FORGET_SOME, "--prune")]),
        forgettable,
    ),
    Case(
        "restore latest",
        some_files,
        lambda contender: contender.mover(
            ["restore"], {"DATA_DIR": str(contender.target), "RESTORE_PATH": str(contender.data)}
        ),
        lambda contender: contender.raw([("restore", "latest", "--host", HOST, "--target", str(contender.target))]),
        empty_target,
    ),
    Case(
        "restore, volume unchanged",
        some_files,
        lambda contender: contender.mover(["restore"], {}),
        lambda contender: contender.raw([("restore", "latest", "--host", HOST, "--target", str(contender.data))]),
    ),
    _backup("10,000 files in 1,000 folders", many_files, new_repository, rounds=3),
    _backup("one file of 1 GiB", one_file, new_repository, rounds=3),
)
