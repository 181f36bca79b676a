"""The container's memory limit, found in either version of control groups, and restic's share of it."""

from pathlib import Path

import pytest

from mover.platform import memory_limit

MEBI = 1024 * 1024


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


@pytest.mark.parametrize("name", ["memory.max", "memory/memory.limit_in_bytes"])
def test_the_limit_is_read_from_both_versions_of_control_groups(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, str(512 * MEBI))
    assert memory_limit.limit(tmp_path) == 512 * MEBI


@pytest.mark.parametrize(
    ("name", "none"), [("memory.max", "max"), ("memory/memory.limit_in_bytes", "9223372036854771712")]
)
def test_an_unlimited_control_group_has_no_limit(tmp_path: Path, name: str, none: str) -> None:
    write(tmp_path / name, none)
    assert memory_limit.limit(tmp_path) is None
    assert memory_limit.go_limit(tmp_path) is None


def test_without_control_groups_there_is_no_limit(tmp_path: Path) -> None:
    assert memory_limit.limit(tmp_path) is None


@pytest.mark.parametrize("limit", [64, 128, 512, 4096])
def test_the_limit_of_restic_leaves_room_for_the_mover(tmp_path: Path, limit: int) -> None:
    write(tmp_path / "memory.max", str(limit * MEBI))
    restic_s = int(memory_limit.go_limit(tmp_path) or 0)
    assert limit * MEBI / 3 < restic_s < limit * MEBI
