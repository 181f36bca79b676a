"""Checks in the marker file: the rotation through the parts of the data, and test restores."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mover.state.check_rotation import Rotation, Verified
from mover.state.marker_file import MarkerFile
from mover.state.repository_state import RepositoryState, SnapshotRef

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@given(st.integers(1, 256))
def test_a_rotation_reads_every_part_once_before_it_repeats_one(subsets: int) -> None:
    rotation, parts = Rotation(), []
    for number in range(2 * subsets):
        parts.append(rotation.next_part(subsets))
        rotation.record(parts[-1], subsets, NOW + timedelta(days=number))

    assert sorted(parts[:subsets]) == list(range(1, subsets + 1))
    assert parts[subsets:] == parts[:subsets]


def test_a_rotation_offers_a_part_again_that_was_not_recorded() -> None:
    rotation = Rotation()

    assert [rotation.next_part(5), rotation.next_part(5)] == [1, 1]


def test_a_rotation_starts_again_with_another_number_of_subsets() -> None:
    rotation = Rotation(3, {1: NOW, 2: NOW})
    assert rotation.next_part(5) == 1

    rotation.record(1, 5, NOW)

    assert rotation == Rotation(5, {1: NOW})


def test_the_marker_file_keeps_the_rotation_and_the_test_restore(tmp_path: Path) -> None:
    marker = RepositoryState(rotation=Rotation(3, {1: NOW, 3: NOW - timedelta(days=1)}))
    marker.volume("host", Path("/data")).verified = Verified(NOW, "ab" * 32, 20, 4096)
    MarkerFile(tmp_path, "repository").save(marker)

    assert MarkerFile(tmp_path, "repository").load(NOW) == (marker, [])


@pytest.mark.parametrize(
    "rotation",
    [
        {"subsets": 3, "read": {"4": "2026-01-01T00:00:00Z"}},
        {"subsets": 3, "read": {"0": "2026-01-01T00:00:00Z"}},
        {"subsets": 3, "read": {"1": "2026-03-01T00:00:00Z"}},
        {"subsets": 3, "read": {"1": "yesterday"}},
        {"subsets": "many", "read": {}},
        {"subsets": 3, "read": [1, 2]},
        {"read": {}},
        "all of it",
        7,
    ],
)
def test_an_unusable_rotation_starts_again_and_the_rest_is_kept(tmp_path: Path, rotation: object) -> None:
    written = write_marker(tmp_path)
    written["rotation"] = rotation
    (tmp_path / "mover-repository.json").write_text(json.dumps(written))

    marker, warnings = MarkerFile(tmp_path, "repository").load(NOW)

    assert marker.rotation == Rotation()
    assert marker.has_known_snapshot
    (warning,) = warnings
    assert "'rotation'" in warning


@pytest.mark.parametrize("verified", [{"time": "2027-01-01T00:00:00Z"}, {"files": 3}, [], "20 files"])
def test_an_unusable_test_restore_is_ignored_and_the_rest_is_kept(tmp_path: Path, verified: object) -> None:
    written = write_marker(tmp_path)
    written["volumes"]["host:/data"]["verified"] = verified
    (tmp_path / "mover-repository.json").write_text(json.dumps(written))

    marker, warnings = MarkerFile(tmp_path, "repository").load(NOW)

    assert marker.volume("host", Path("/data")).verified is None
    assert marker.has_known_snapshot
    assert len(warnings) == 1


def test_the_marker_file_of_an_older_mover_is_read_without_a_warning(tmp_path: Path) -> None:
    written = write_marker(tmp_path)
    del written["rotation"], written["volumes"]["host:/data"]["verified"]
    (tmp_path / "mover-repository.json").write_text(json.dumps(written))

    marker, warnings = MarkerFile(tmp_path, "repository").load(NOW)

    assert (marker.rotation, warnings) == (Rotation(), [])


def write_marker(folder: Path) -> dict[str, Any]:
    marker = RepositoryState()
    marker.volume("host", Path("/data")).snapshot = SnapshotRef("ab" * 32, NOW)
    file = MarkerFile(folder, "repository")
    file.save(marker)
    return dict(json.loads(file.path.read_text()))
