"""A cache volume that is of no use slows a run down, but never stops it; the marker file on it is never wiped."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.mounts import mounted
from tests.mover_process import NON_ROOT, Mover
from tests.restics import both_restics

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


def goes_on_without_it(mover: Mover, *operations: str) -> str:
    """Run it, and return what it says of the cache volume."""
    result = mover.succeeds(*operations)
    assert "Going on without the cache volume at RESTIC_CACHE_DIR" in result.warnings
    return result.warnings


def fill(folder: Path, but: int) -> None:
    """Fill a file system but for some bytes with something that is not restic's."""
    free = os.statvfs(folder)
    (folder / "somebody's").write_bytes(bytes(free.f_bavail * free.f_frsize - but))


@pytest.mark.needs("root")
class TestACacheVolumeThatIsFull:
    @pytest.mark.fault("cache volume full of restic's cache")
    def test_of_restic_s_own_is_wiped_and_used_again(self, on_a_small_volume: Mover, verdict: int) -> None:
        mover = on_a_small_volume
        stale = mover.cache / ("ab" * 32)
        stale.mkdir(parents=True)
        fill(stale, but=0)
        result = mover.run("backup")
        assert (result.exit_code, result.warnings) == (verdict, "")
        assert not stale.exists()
        assert len(restic_s_own(mover)) == 1, "the cache is in use"

    def test_is_not_wiped_by_who_only_looks_at_the_snapshots(self, on_a_small_volume: Mover) -> None:
        mover = on_a_small_volume
        in_use = mover.cache / ("ab" * 32)
        in_use.mkdir(parents=True)
        fill(in_use, but=0)
        shown = mover.run("snapshots")
        assert shown.exit_code == 0, shown.errors
        assert in_use.exists(), "a run may be using it: only runs hold the cache volume"

    @both_restics
    @pytest.mark.fault("cache volume too small")
    @pytest.mark.parametrize("free", [0, 64 * KIBI])
    def test_of_anything_else_is_done_without(self, on_a_small_volume: Mover, free: int, verdict: int) -> None:
        mover = on_a_small_volume
        fill(mover.cache, but=free)
        result = mover.run("backup")
        assert result.exit_code == verdict
        assert "1.000 MiB are too few, make it 2.000 MiB or more" in result.warnings
        assert (mover.cache / "somebody's").exists()
        assert mover.count() == 1

    @pytest.mark.fault("cache volume too small")
    def test_as_a_restore_fills_it_is_done_without(
        self, on_a_small_volume: Mover, verdict: int, tmp_path: Path
    ) -> None:
        mover = on_a_small_volume
        mover.succeeds("backup", RESTIC_CACHE_DIR=str(tmp_path / "elsewhere"))
        fill(mover.cache, but=64 * KIBI)
        result = mover.into(tmp_path / "target").run("restore")
        assert result.exit_code == verdict
        assert "too few, make it" in result.warnings
        assert len(list((tmp_path / "target").iterdir())) == len(list(mover.data.iterdir()))


class TestACacheVolumeThatCanNotBeWritten:
    @pytest.mark.needs("root")
    @pytest.mark.fault("cache volume read-only")
    def test_is_done_without(self, used: Mover, verdict: int) -> None:
        before = used.remembered()
        with mounted(used.cache, "--bind", "-o", "ro", str(used.cache)):
            result = used.run("backup", "prune")
        assert result.exit_code == verdict
        assert "Read-only file system); mount a volume there that user 0 can write" in result.warnings
        assert used.remembered() == before

    @pytest.mark.needs("root")
    @pytest.mark.fault("cache volume of another user")
    @pytest.mark.parametrize("mode", [0o700, 0o755])
    def test_as_it_is_another_user_s_is_done_without(self, used: Mover, mode: int, verdict: int) -> None:
        for path in [used.cache, *used.cache.rglob("*")]:
            os.chown(path, NON_ROOT, NON_ROOT)
        used.cache.chmod(mode)
        result = used.powerless().run("backup")
        assert result.exit_code == verdict
        assert "Permission denied); mount a volume there" in result.warnings

    @pytest.mark.needs("root")
    @both_restics
    @pytest.mark.fault("cache of another user")
    def test_as_restic_s_cache_on_it_is_another_user_s_is_done_without(self, used: Mover, verdict: int) -> None:
        for folder in restic_s_own(used):
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, NON_ROOT, NON_ROOT)
                path.chmod(0o700)
        assert used.powerless().run("backup").exit_code == verdict
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


class TestACacheThatIsCorrupt:
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
    def test_is_made_anew_and_the_marker_stays(
        self, used: Mover, corrupt: Callable[[Path], None], verdict: int
    ) -> None:
        (cache,) = restic_s_own(used)
        complete = used.remembered()["volumes"]
        corrupt(cache)
        result = used.run("prune")
        assert (result.exit_code, result.warnings) == (verdict, "")
        assert used.remembered()["volumes"] == complete
        assert used.succeeds("backup").outcome["warnings"] == []
