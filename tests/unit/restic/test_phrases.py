"""Wordings of restic that are recognised. The lines are restic's own, of 0.18 and 0.19."""

from pathlib import Path

import pytest

from mover.restic import phrases

CACHE = Path("/cache")


@pytest.mark.parametrize(
    "line",
    [
        "unable to open cache: unable to locate cache directory: mkdir /cache: read-only file system",
        "Save(<index/ab>) failed: write /cache/ab/index/cd: no space left on device",
        "open /cache/ab/version: permission denied",
        'unable to open cache: strconv.ParseUint: parsing "": invalid syntax',
    ],
)
def test_an_unusable_cache_is_recognized_by_the_line_with_its_cause(line: str) -> None:
    assert phrases.find_cache_problem(f"an earlier line\n{line}\nanother", CACHE) == line


@pytest.mark.parametrize(
    "line", ["write /repository/data/ab: no space left on device", "created new cache in /cache", ""]
)
def test_other_lines_are_not_taken_for_an_unusable_cache(line: str) -> None:
    assert phrases.find_cache_problem(line, CACHE) is None


def test_removed_locks_are_counted_as_unlock_reports_them() -> None:
    assert phrases.removed_lock_count("successfully removed 12 locks") == 12
    assert phrases.removed_lock_count("repository 1234abcd opened") == 0


def test_an_unreadable_snapshot_is_recognized_with_its_id() -> None:
    line = 'Ignoring "07c0b289f2ec98d4": failed to load snapshot 07c0b289: invalid data returned'
    assert phrases.ignored_snapshot(line) == "07c0b289f2ec98d4"
    assert phrases.ignored_snapshot("repository 1234abcd opened") is None
