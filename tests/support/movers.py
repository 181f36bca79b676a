"""Movers to test, each in a folder of its own, with the restic of the test's choice.

Making a repository costs restic two seconds and more. So repositories are prepared once, each test gets a copy, and
their keys are quick ones.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import volumes
from tests.support.mover_process import PASSWORD, TOOLS, Mover
from tests.support.quick_key import quicken
from tests.support.restic_versions import NEWEST

TIMES = (
    "2025-01-15 12:00:00",
    "2025-06-15 12:00:00",
    "2026-01-10 12:00:00",
    "2026-02-10 12:00:00",
    "2026-02-17 12:00:00",
    "2026-02-18 12:00:00",
    "2026-02-19 08:00:00",
    "2026-02-19 09:00:00",
)
"""Of the snapshots in `history`: of two years, four months, five days and more."""

Prepare = Callable[[Mover], object]


class PreparedMovers:
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
def prepared_movers(tmp_path_factory: pytest.TempPathFactory) -> PreparedMovers:
    return PreparedMovers(tmp_path_factory.mktemp("prepared_movers"))


@pytest.fixture
def restic(request: pytest.FixtureRequest) -> str:
    """The restic to run: the newest, unless the test is parametrised otherwise."""
    return str(getattr(request, "param", NEWEST))


@pytest.fixture
def fresh(prepared_movers: PreparedMovers, restic: str, tmp_path: Path) -> Mover:
    """A mover with a small volume and no repository."""
    volumes.small(tmp_path / "data")
    return Mover(tmp_path, tmp_path / "data", prepared_movers.search_path(restic))


@pytest.fixture
def mover(prepared_movers: PreparedMovers, restic: str, fresh: Mover) -> Mover:
    """A mover with a small volume and an empty repository."""
    return prepared_movers.get(restic, a_repository).copy(fresh.folder).with_volume(fresh.data)


@pytest.fixture
def history(prepared_movers: PreparedMovers, restic: str, tmp_path: Path) -> Mover:
    """A mover with a snapshot of each of `TIMES`; its volume must not be written to."""
    return prepared_movers.get(restic, a_history).copy(tmp_path)


@pytest.fixture
def saved(prepared_movers: PreparedMovers, restic: str, tmp_path: Path) -> Mover:
    """A mover that has backed up one of everything; its volume must not be written to."""
    return prepared_movers.get(restic, a_varied_backup).copy(tmp_path)
