"""Damage of each part of a repository: the right verdict with what to run next, and nothing is made worse."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import damage, volumes
from tests.mover_process import PASSWORD, Mover
from tests.movers import Shelf
from tests.quick_key import quicken
from tests.restics import OLDEST

Part = Callable[[Path], Path]
How = Callable[[Path], None]

REPAIR_INDEX = "restic repair index"
FROM_A_COPY = "put it back from a copy"
READ_DATA = "restic check --read-data"


def config(repository: Path) -> Path:
    return repository / "config"


def key(repository: Path) -> Path:
    return damage.newest(repository / "keys")


def index(repository: Path) -> Path:
    return damage.newest(repository / "index")


def snapshot(repository: Path) -> Path:
    return damage.newest(repository / "snapshots")


OF_THE_WHOLE = [
    pytest.param(part, how, words, id=f"{part.__name__} {how.__name__}", marks=row)
    for row, part, hows, words in [
        (pytest.mark.fault("config damaged"), config, [damage.garbled, damage.emptied], FROM_A_COPY),
        (pytest.mark.fault("config gone"), config, [damage.gone], "is gone, though snapshot"),
        (pytest.mark.fault("key damaged"), key, [damage.garbled, damage.cut], FROM_A_COPY),
        (pytest.mark.fault("keys gone"), key, [damage.gone], "its keys are gone"),
        (pytest.mark.fault("index damaged"), index, [damage.garbled, damage.emptied], REPAIR_INDEX),
        (pytest.mark.fault("index gone"), index, [damage.gone], REPAIR_INDEX),
        (pytest.mark.fault("snapshot damaged"), snapshot, [damage.garbled, damage.emptied], "`snapshots/`"),
    ]
    for how in hows
]
"""Damage that every operation meets, and what each of them should say."""


def two_backups(mover: Mover) -> None:
    """Save a snapshot of a small volume, then one with a file more."""
    volumes.small(mover.data)
    (mover.data / "large").write_bytes(os.urandom(300_000))
    mover.restic("init")
    quicken(mover.repository, PASSWORD)
    mover.succeeds("backup")
    (mover.data / "new").write_bytes(os.urandom(100_000))
    mover.succeeds("backup")


@pytest.fixture
def backed_up(shelf: Shelf, restic: str, tmp_path: Path) -> Mover:
    """A mover with two snapshots and an empty cache; it knows of them, and its volume must not be written to."""
    mover = shelf.get(restic, two_backups).copy(tmp_path)
    for folder in mover.cache.glob("?" * 64):
        shutil.rmtree(folder)
    return mover


def contents(repository: Path) -> Iterator[tuple[Path, bytes]]:
    """Everything in a repository but the locks."""
    for path in repository.rglob("*"):
        if path.is_file() and path.parent.name != "locks":
            yield path, path.read_bytes()


def is_no_worse(repository: Path, before: dict[Path, bytes]) -> bool:
    after = dict(contents(repository))
    return all(after.get(path) == content for path, content in before.items())


class TestADamagedRepository:
    @pytest.mark.parametrize(("part", "how", "words"), OF_THE_WHOLE)
    def test_is_told_by_every_operation_with_what_to_do_and_gets_no_worse(
        self, backed_up: Mover, part: Part, how: How, words: str, verdict: int
    ) -> None:
        how(part(backed_up.repository))
        before = dict(contents(backed_up.repository))
        target = backed_up.into(backed_up.folder / "target")
        for mover, operation in [(target, "restore"), *((backed_up, name) for name in ("prune", "check", "backup"))]:
            result = mover.fails(verdict, operation, RETAIN_LAST="1")
            assert words in result.message, f"{operation} should say what to do"
            assert is_no_worse(backed_up.repository, before), f"{operation} should touch nothing"

    @pytest.mark.fault("config gone")
    def test_without_a_config_is_taken_for_none_and_yet_not_created_anew(self, backed_up: Mover, verdict: int) -> None:
        (backed_up.repository / "config").unlink()
        shutil.rmtree(backed_up.cache)
        backed_up.into(backed_up.folder / "target").fails(verdict, "restore")
        before = dict(contents(backed_up.repository))
        assert "put back `config` from a copy" in backed_up.fails(24, "backup").message
        assert dict(contents(backed_up.repository)) == before

    @pytest.mark.parametrize("how", [damage.garbled, damage.gone])
    def test_is_whole_again_once_its_index_is_repaired_as_told(self, backed_up: Mover, how: How) -> None:
        how(index(backed_up.repository))
        backed_up.restic("repair", "index")
        backed_up.into(backed_up.folder / "target").succeeds("restore")
        assert volumes.differences(backed_up.data, backed_up.folder / "target") == []

    @pytest.mark.parametrize("restic", [OLDEST], indirect=True)
    @pytest.mark.fault("index damaged")
    def test_is_told_by_the_oldest_restic_too(self, backed_up: Mover, verdict: int) -> None:
        damage.garbled(index(backed_up.repository))
        for operation in ("backup", "prune"):
            assert REPAIR_INDEX in backed_up.fails(verdict, operation).message


class TestADamagedSnapshot:
    @pytest.mark.fault("snapshot damaged")
    def test_is_passed_over_by_a_restore_and_told(self, backed_up: Mover, verdict: int) -> None:
        damage.garbled(snapshot(backed_up.repository))
        target = backed_up.folder / "target"
        result = backed_up.into(target).fails(verdict, "restore")
        assert "holds 1 snapshot that can't be read and may be the one wanted" in result.message
        assert volumes.differences(backed_up.data, target) == ["'new' is missing"], "the one before that is restored"


class TestADamagedPack:
    @pytest.mark.parametrize(
        "how",
        [
            pytest.param(damage.garbled, marks=pytest.mark.fault("pack damaged")),
            pytest.param(damage.cut, marks=pytest.mark.fault("pack damaged")),
            pytest.param(damage.gone, marks=pytest.mark.fault("pack gone")),
        ],
    )
    def test_of_content_is_told_by_a_restore_and_all_else_is_restored(
        self, backed_up: Mover, how: How, verdict: int
    ) -> None:
        how(damage.largest_pack(backed_up.repository))
        before = dict(contents(backed_up.repository))
        target = backed_up.folder / "target"
        result = backed_up.into(target).fails(verdict, "restore")
        assert READ_DATA in result.message
        assert result.outcome["restored"]["complete"] is False
        assert (target / "new").read_bytes() == (backed_up.data / "new").read_bytes()
        assert is_no_worse(backed_up.repository, before)

    @pytest.mark.parametrize(
        "how",
        [
            pytest.param(damage.cut, marks=pytest.mark.fault("pack damaged")),
            pytest.param(damage.gone, marks=pytest.mark.fault("pack gone")),
        ],
    )
    @pytest.mark.parametrize("pack", [damage.largest_pack, damage.smallest_pack])
    def test_is_told_by_a_prune_that_removes_nothing(
        self, backed_up: Mover, how: How, pack: Part, verdict: int
    ) -> None:
        how(pack(backed_up.repository))
        before = dict(contents(backed_up.repository))
        assert READ_DATA in backed_up.fails(verdict, "prune").message
        assert is_no_worse(backed_up.repository, before)

    @pytest.mark.fault("pack damaged")
    @pytest.mark.parametrize("how", [damage.garbled, damage.emptied])
    def test_of_folders_is_told_by_a_backup_that_is_saved_all_the_same(
        self, backed_up: Mover, how: How, verdict: int
    ) -> None:
        how(damage.smallest_pack(backed_up.repository))
        result = backed_up.fails(verdict, "backup")
        assert READ_DATA in result.message
        assert result.outcome["snapshot"] is not None
        target = backed_up.folder / "target"
        backed_up.into(target).fails(verdict, "restore")
