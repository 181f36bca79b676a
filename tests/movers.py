"""Movers to test, each in a folder of its own, with the restic of the test's choice.

Making a repository costs restic two seconds and more. So repositories are prepared once, each test gets a copy, and
their keys are quick ones.
"""

import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import volumes
from tests.mover_process import PASSWORD, TOOLS, Mover
from tests.quick_key import quicken
from tests.restics import NEWEST

TIMES = (
    *("2025-01-15 12:00:00", "2025-06-15 12:00:00", "2026-01-10 12:00:00", "2026-02-10 12:00:00"),
    *("2026-02-17 12:00:00", "2026-02-18 12:00:00", "2026-02-19 08:00:00", "2026-02-19 09:00:00"),
)
"""Of the snapshots in `history`: of two years, four months, five days and more."""

Prepare = Callable[[Mover], object]


class Shelf:
    """Movers that were prepared once for the tests of this process, by restic and by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._prepared: dict[tuple[str, Prepare], Mover] = {}

    def search_path(self, restic: str) -> Path:
        """Return a folder in which `restic` is the one of this name in `.tools/bin`."""
        folder = self._folder / f"bin-{restic}"
        if not folder.exists():
            folder.mkdir()
            (folder / "restic").symlink_to(TOOLS / restic)
        return folder

    def get(self, restic: str, prepare: Prepare) -> Mover:
        """Return the mover that `prepare` makes ready; it must not be written to."""
        key = (restic, prepare)
        if key not in self._prepared:
            folder = self._folder / f"{prepare.__name__}-{restic}"
            folder.mkdir()
            mover = Mover(folder, folder / "data", self.search_path(restic))
            prepare(mover)
            self._prepared[key] = mover
        return self._prepared[key]


def a_repository(mover: Mover) -> None:
    """Make an empty repository."""
    mover.data.mkdir()
    mover.restic("init")
    quicken(mover.repository, PASSWORD)


def a_history(mover: Mover) -> None:
    """Save a snapshot at each of `TIMES`."""
    volumes.small(mover.data)
    mover.restic("init")
    quicken(mover.repository, PASSWORD)
    for time in TIMES:
        mover.restic("backup", "--host=volsync", f"--time={time}", ".")


def a_varied_backup(mover: Mover) -> None:
    """Back up one of everything, with the mover."""
    volumes.varied(mover.data)
    mover.succeeds("backup")


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def restic(request: pytest.FixtureRequest) -> str:
    """The restic to run: the newest, unless the test is parametrised otherwise."""
    return str(getattr(request, "param", NEWEST))


@pytest.fixture
def fresh(shelf: Shelf, restic: str, tmp_path: Path) -> Mover:
    """A mover with a small volume and no repository."""
    volumes.small(tmp_path / "data")
    return Mover(tmp_path, tmp_path / "data", shelf.search_path(restic))


@pytest.fixture
def mover(shelf: Shelf, restic: str, fresh: Mover) -> Mover:
    """A mover with a small volume and an empty repository."""
    return shelf.get(restic, a_repository).copy(fresh.folder).with_volume(fresh.data)


@pytest.fixture
def history(shelf: Shelf, restic: str, tmp_path: Path) -> Mover:
    """A mover with a snapshot of each of `TIMES`; its volume must not be written to."""
    return shelf.get(restic, a_history).copy(tmp_path)


@pytest.fixture
def saved(shelf: Shelf, restic: str, tmp_path: Path) -> Mover:
    """A mover that has backed up one of everything; its volume must not be written to."""
    return shelf.get(restic, a_varied_backup).copy(tmp_path)


@pytest.fixture
def log_stream() -> Iterator[io.StringIO]:
    """A stream for log records; the mover's logger is as before after the test."""
    mover = logging.getLogger("mover")
    handlers, level, propagate = mover.handlers, mover.level, mover.propagate
    yield io.StringIO()
    mover.handlers, mover.propagate = handlers, propagate
    mover.setLevel(level)
