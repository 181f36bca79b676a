"""Damage of each part of a repository: the right exit code, a message with what to run next, and no further damage."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import damage, volumes
from tests.support.mover_process import PASSWORD, Mover
from tests.support.movers import PreparedMovers
from tests.support.quick_key import quicken
from tests.support.restic_versions import OLDEST

Part = Callable[[Path], Path]
How = Callable[[Path], None]

REPAIR_INDEX = "restic repair index"
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
    pytest.param(part, how, named, id=f"{part.__name__} {how.__name__}", marks=row)
    for row, part, hows, named in [
        (pytest.mark.fault("config damaged"), config, [damage.garbled, damage.emptied], "config"),
        (pytest.mark.fault("config gone"), config, [damage.gone], "REPOSITORY_INIT"),
        (pytest.mark.fault("key damaged"), key, [damage.garbled, damage.cut], "key"),
        (pytest.mark.fault("keys gone"), key, [damage.gone], "RESTIC_PASSWORD"),
        (pytest.mark.fault("index damaged"), index, [damage.garbled, damage.emptied], REPAIR_INDEX),
        (pytest.mark.fault("index gone"), index, [damage.gone], REPAIR_INDEX),
        (pytest.mark.fault("snapshot damaged"), snapshot, [damage.garbled, damage.emptied], "`snapshots/`"),
    ]
    for how in hows
]
"""Damage that every operation meets, and the command, file or variable that each of them names."""


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
def backed_up(prepared_movers: PreparedMovers, restic: str, tmp_path: Path) -> Mover:
    """A mover with two snapshots and an empty cache; it knows of them, and its volume must not be written to."""
    mover = prepared_movers.get(restic, two_backups).copy(tmp_path)
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


@pytest.mark.parametrize(("part", "how", "named"), OF_THE_WHOLE)
def test_every_operation_reports_damage_with_what_to_do_and_makes_it_no_worse(
    backed_up: Mover, part: Part, how: How, named: str, exit_code: int
) -> None:
    how(part(backed_up.repository))
    before = dict(contents(backed_up.repository))
    target = backed_up.into(backed_up.folder / "target")
    for mover, operation in [(target, "restore"), *((backed_up, name) for name in ("prune", "check", "backup"))]:
        result = mover.fails(exit_code, operation, RETAIN_LAST="1")
        assert named in result.message, f"{operation} should say what to do"
        assert is_no_worse(backed_up.repository, before), f"{operation} should touch nothing"


@pytest.mark.fault("config gone")
def test_a_repository_without_a_config_is_not_recreated(backed_up: Mover, exit_code: int) -> None:
    (backed_up.repository / "config").unlink()
    shutil.rmtree(backed_up.cache)
    backed_up.into(backed_up.folder / "target").fails(exit_code, "restore")
    before = dict(contents(backed_up.repository))
    assert "`config`" in backed_up.fails(24, "backup").message
    assert dict(contents(backed_up.repository)) == before


@pytest.mark.parametrize("how", [damage.garbled, damage.gone])
def test_a_repository_is_intact_again_once_its_index_is_repaired_as_advised(backed_up: Mover, how: How) -> None:
    how(index(backed_up.repository))
    backed_up.restic("repair", "index")
    backed_up.into(backed_up.folder / "target").succeeds("restore")
    assert volumes.differences(backed_up.data, backed_up.folder / "target") == []


@pytest.mark.parametrize("restic", [OLDEST], indirect=True)
@pytest.mark.fault("index damaged")
def test_a_damaged_index_is_reported_with_the_oldest_restic_too(backed_up: Mover, exit_code: int) -> None:
    damage.garbled(index(backed_up.repository))
    for operation in ("backup", "prune"):
        assert REPAIR_INDEX in backed_up.fails(exit_code, operation).message


@pytest.mark.fault("snapshot damaged")
def test_a_damaged_snapshot_is_skipped_by_a_restore_and_reported(backed_up: Mover, exit_code: int) -> None:
    damaged = snapshot(backed_up.repository)
    damage.garbled(damaged)
    target = backed_up.folder / "target"
    result = backed_up.into(target).fails(exit_code, "restore")
    assert damaged.name[:8] in result.message, "it may be the one to restore"
    assert volumes.differences(backed_up.data, target) == ["'new' is missing"], "the snapshot before it is restored"


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(damage.garbled, marks=pytest.mark.fault("pack damaged")),
        pytest.param(damage.cut, marks=pytest.mark.fault("pack damaged")),
        pytest.param(damage.gone, marks=pytest.mark.fault("pack gone")),
    ],
)
def test_a_restore_reports_a_damaged_pack_and_restores_all_else(backed_up: Mover, how: How, exit_code: int) -> None:
    how(damage.largest_pack(backed_up.repository))
    before = dict(contents(backed_up.repository))
    target = backed_up.folder / "target"
    result = backed_up.into(target).fails(exit_code, "restore")
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
def test_a_prune_reports_a_damaged_pack_and_removes_nothing(
    backed_up: Mover, how: How, pack: Part, exit_code: int
) -> None:
    how(pack(backed_up.repository))
    before = dict(contents(backed_up.repository))
    assert READ_DATA in backed_up.fails(exit_code, "prune").message
    assert is_no_worse(backed_up.repository, before)


@pytest.mark.fault("pack damaged")
@pytest.mark.parametrize("how", [damage.garbled, damage.emptied])
def test_a_backup_reports_a_damaged_pack_of_folders_and_is_saved_anyway(
    backed_up: Mover, how: How, exit_code: int
) -> None:
    how(damage.smallest_pack(backed_up.repository))
    result = backed_up.fails(exit_code, "backup")
    assert READ_DATA in result.message
    assert result.outcome["snapshot"] is not None
    target = backed_up.folder / "target"
    backed_up.into(target).fails(exit_code, "restore")
