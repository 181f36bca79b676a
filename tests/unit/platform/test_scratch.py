"""Scratch space: there while it is needed, and gone afterwards however that ended."""

from pathlib import Path

import pytest

from mover.platform import scratch
from mover.platform.cache_volume import TEMPORARY


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    (tmp_path / "cache" / TEMPORARY).mkdir(parents=True)
    return tmp_path / "cache"


class TestScratchSpace:
    def test_is_on_the_cache_volume_and_gone_in_the_end(self, cache: Path) -> None:
        with scratch.folder(cache) as folder:
            assert folder.is_relative_to(cache / TEMPORARY)
            (folder / "read only").mkdir()
            (folder / "read only" / "file").touch()
            (folder / "read only").chmod(0o555)
            (folder / "link").symlink_to(cache)

        assert not folder.exists()
        assert cache.exists(), "links are not followed"

    def test_is_gone_also_where_its_use_failed(self, cache: Path) -> None:
        space = scratch.folder(cache)
        folder = space.__enter__()

        assert not space.__exit__(KeyError, KeyError(), None), "the failure goes on"

        assert not folder.exists()

    def test_of_a_mover_that_was_killed_is_removed_by_the_next(self, cache: Path) -> None:
        left = cache / TEMPORARY / f"{scratch.PREFIX}left"
        (left / "restic-check-cache-1").mkdir(parents=True)

        with scratch.folder(cache) as folder:
            assert list((cache / TEMPORARY).iterdir()) == [folder]

    def test_is_among_the_temporary_files_where_the_cache_can_not_be_written(self) -> None:
        with scratch.folder(Path("/proc/nowhere")) as folder:
            assert folder.is_dir()

        assert not folder.exists()
