"""Scratch space: there while it is needed, and gone afterwards however that ended."""

from pathlib import Path

import pytest

from mover.platform import scratch
from mover.platform.cache_volume import TEMPORARY


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    (tmp_path / "cache" / TEMPORARY).mkdir(parents=True)
    return tmp_path / "cache"


def test_the_scratch_directory_is_on_the_cache_volume_and_removed_at_the_end(cache: Path) -> None:
    with scratch.folder(cache) as folder:
        assert folder.is_relative_to(cache / TEMPORARY)
        (folder / "read only").mkdir()
        (folder / "read only" / "file").touch()
        (folder / "read only").chmod(0o555)
        (folder / "link").symlink_to(cache)

    assert not folder.exists()
    assert cache.exists(), "links are not followed"


def test_the_scratch_directory_is_removed_after_a_failure(cache: Path) -> None:
    space = scratch.folder(cache)
    folder = space.__enter__()

    assert not space.__exit__(KeyError, KeyError(), None), "the failure goes on"

    assert not folder.exists()


def test_the_scratch_directory_of_a_killed_mover_is_removed_by_the_next(cache: Path) -> None:
    left = cache / TEMPORARY / f"{scratch.PREFIX}left"
    (left / "restic-check-cache-1").mkdir(parents=True)

    with scratch.folder(cache) as folder:
        assert list((cache / TEMPORARY).iterdir()) == [folder]


def test_the_scratch_directory_is_in_tmp_if_the_cache_is_not_writable() -> None:
    with scratch.folder(Path("/proc/nowhere")) as folder:
        assert folder.is_dir()

    assert not folder.exists()
