"""An unusable cache volume slows a run down, but never stops it; the marker file on it is never wiped."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mover.warning_reasons import WarningReason
from tests.support.mounts import mounted
from tests.support.mover_process import NON_ROOT, Mover
from tests.support.restic_versions import both_restics

KIBI = 1024
MANY = 3000
"""Files whose names alone make a tree of some hundred kilobytes, which restic caches."""


@pytest.fixture
def used(mover: Mover) -> Mover:
    """A mover that has backed up before: its cache is in use."""
    mover.succeeds("backup")
    return mover


@pytest.fixture
def on_a_small_volume(mover: Mover) -> Iterator[Mover]:
    """A mover whose cache volume has one megabyte, and whose snapshot has a tree larger than the rest of it."""
    for number in range(MANY):
        (mover.data / f"file {number} {os.urandom(40).hex()}").touch()
    with mounted(mover.cache, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
        yield mover


def restic_s_own(mover: Mover) -> list[Path]:
    return [path for path in mover.cache.iterdir() if len(path.name) == 64]


def fill(folder: Path, but: int) -> None:
    """Fill a file system but for some bytes with something that is not restic's."""
    free = os.statvfs(folder)
    (folder / "somebody's").write_bytes(bytes(free.f_bavail * free.f_frsize - but))


@pytest.mark.needs("root")
@pytest.mark.fault("cache volume full of restic's cache")
def test_a_volume_full_of_restic_s_cache_is_wiped_and_used_again(on_a_small_volume: Mover, exit_code: int) -> None:
    mover = on_a_small_volume
    stale = mover.cache / ("ab" * 32)
    stale.mkdir(parents=True)
    fill(stale, but=0)
    result = mover.run("backup")
    assert (result.exit_code, result.warnings) == (exit_code, "")
    assert not stale.exists()
    assert len(restic_s_own(mover)) == 1, "the cache is in use"


@pytest.mark.needs("root")
def test_listing_snapshots_does_not_wipe_a_full_cache_volume(on_a_small_volume: Mover) -> None:
    mover = on_a_small_volume
    in_use = mover.cache / ("ab" * 32)
    in_use.mkdir(parents=True)
    fill(in_use, but=0)
    shown = mover.run("snapshots")
    assert shown.exit_code == 0, shown.errors
    assert in_use.exists(), "a run may be using it: only runs hold the cache volume"


@pytest.mark.needs("root")
@both_restics
@pytest.mark.fault("cache volume too small")
@pytest.mark.parametrize("free", [0, 64 * KIBI])
def test_a_backup_does_without_a_cache_volume_full_of_other_files(
    on_a_small_volume: Mover, free: int, exit_code: int
) -> None:
    mover = on_a_small_volume
    fill(mover.cache, but=free)
    result = mover.run("backup")
    assert result.exit_code == exit_code
    assert result.reasons == [WarningReason.CACHE_UNUSABLE]
    assert re.findall(r"[\d.]+ MiB", result.warnings) == ["1.0 MiB", "2.0 MiB"], "its size, and what it should be"
    assert (mover.cache / "somebody's").exists()
    assert mover.count() == 1


@pytest.mark.needs("root")
@pytest.mark.fault("cache volume too small")
def test_a_restore_that_fills_the_cache_volume_does_without_it(
    on_a_small_volume: Mover, exit_code: int, tmp_path: Path
) -> None:
    mover = on_a_small_volume
    mover.succeeds("backup", RESTIC_CACHE_DIR=str(tmp_path / "elsewhere"))
    fill(mover.cache, but=64 * KIBI)
    result = mover.into(tmp_path / "target").run("restore")
    assert result.exit_code == exit_code
    assert result.reasons == [WarningReason.CACHE_UNUSABLE]
    assert "1.0 MiB" in result.warnings
    assert len(list((tmp_path / "target").iterdir())) == len(list(mover.data.iterdir()))


@pytest.mark.needs("root")
@pytest.mark.fault("cache volume read-only")
def test_a_run_does_without_a_read_only_cache_volume(used: Mover, exit_code: int) -> None:
    before = used.read_marker()
    with mounted(used.cache, "--bind", "-o", "ro", str(used.cache)):
        result = used.run("backup", "prune")
    assert result.exit_code == exit_code
    assert result.reasons == [WarningReason.CACHE_UNUSABLE]
    assert "Read-only file system" in result.warnings
    assert "uid 0 " in result.warnings
    assert used.read_marker() == before


@pytest.mark.needs("root")
@pytest.mark.fault("cache volume of another user")
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_a_run_does_without_a_cache_volume_of_another_user(used: Mover, mode: int, exit_code: int) -> None:
    for path in [used.cache, *used.cache.rglob("*")]:
        os.chown(path, NON_ROOT, NON_ROOT)
    used.cache.chmod(mode)
    result = used.powerless().run("backup")
    assert result.exit_code == exit_code
    assert WarningReason.CACHE_UNUSABLE in result.reasons
    assert "Permission denied" in result.warnings


@pytest.mark.needs("root")
@both_restics
@pytest.mark.fault("cache of another user")
def test_a_run_does_without_a_cache_of_another_user(used: Mover, exit_code: int) -> None:
    for folder in restic_s_own(used):
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, NON_ROOT, NON_ROOT)
            path.chmod(0o700)
    assert used.powerless().run("backup").exit_code == exit_code
    assert used.count() == 2


def an_empty_version(cache: Path) -> None:
    (cache / "version").write_bytes(b"")


def a_version_of_garbage(cache: Path) -> None:
    (cache / "version").write_bytes(os.urandom(50))


def a_file_in_its_place(cache: Path) -> None:
    shutil.rmtree(cache)
    cache.write_text("no folder")


def a_file_in_place_of_its_indexes(cache: Path) -> None:
    shutil.rmtree(cache / "index")
    (cache / "index").write_text("no folder")


def garbage_in_every_file(cache: Path) -> None:
    for path in cache.rglob("?" * 64):
        path.chmod(0o600)
        path.write_bytes(os.urandom(path.stat().st_size))


def empty_files(cache: Path) -> None:
    for path in cache.rglob("?" * 64):
        path.chmod(0o600)
        path.write_bytes(b"")


@both_restics
@pytest.mark.fault("cache corrupt")
@pytest.mark.parametrize(
    "corrupt",
    [
        an_empty_version,
        a_version_of_garbage,
        a_file_in_its_place,
        a_file_in_place_of_its_indexes,
        garbage_in_every_file,
        empty_files,
    ],
)
def test_a_corrupt_cache_is_rebuilt_and_the_marker_file_stays(
    used: Mover, corrupt: Callable[[Path], None], exit_code: int
) -> None:
    (cache,) = restic_s_own(used)
    complete = used.read_marker()["volumes"]
    corrupt(cache)
    result = used.run("prune")
    assert (result.exit_code, result.warnings) == (exit_code, "")
    assert used.read_marker()["volumes"] == complete
    assert used.succeeds("backup").outcome["warnings"] == []
