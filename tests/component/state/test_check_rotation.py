"""What the marker file holds of checks: parts that were read in turn, and files that were restored on trial."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mover.state.check_rotation import Rotation, Verified
from mover.state.repository_state import MarkerFile, RepositoryState, SnapshotRef

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class TestARotation:
    @given(st.integers(1, 256))
    def test_reads_every_part_once_before_it_reads_one_again(self, subsets: int) -> None:
        rotation, parts = Rotation(), []
        for number in range(2 * subsets):
            parts.append(rotation.next_part(subsets))
            rotation.record(parts[-1], subsets, NOW + timedelta(days=number))

        assert sorted(parts[:subsets]) == list(range(1, subsets + 1))
        assert parts[subsets:] == parts[:subsets]

    def test_offers_a_part_again_that_was_not_recorded(self) -> None:
        rotation = Rotation()

        assert [rotation.next_part(5), rotation.next_part(5)] == [1, 1]

    def test_starts_anew_with_another_number_of_subsets(self) -> None:
        rotation = Rotation(3, {1: NOW, 2: NOW})
        assert rotation.next_part(5) == 1

        rotation.record(1, 5, NOW)

        assert rotation == Rotation(5, {1: NOW})


class TestTheMarkerFile:
    def test_remembers_them(self, tmp_path: Path) -> None:
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
    def test_starts_a_rotation_anew_that_makes_no_sense_and_keeps_the_rest(
        self, tmp_path: Path, rotation: object
    ) -> None:
        written = self.written(tmp_path)
        written["rotation"] = rotation
        (tmp_path / "mover-repository.json").write_text(json.dumps(written))

        marker, warnings = MarkerFile(tmp_path, "repository").load(NOW)

        assert marker.rotation == Rotation()
        assert marker.knows_a_snapshot
        (warning,) = warnings
        assert "The marker file's «rotation» is of no use" in warning

    @pytest.mark.parametrize("verified", [{"time": "2027-01-01T00:00:00Z"}, {"files": 3}, [], "20 files"])
    def test_leaves_out_a_trial_restore_that_makes_no_sense(self, tmp_path: Path, verified: object) -> None:
        written = self.written(tmp_path)
        written["volumes"]["host:/data"]["verified"] = verified
        (tmp_path / "mover-repository.json").write_text(json.dumps(written))

        marker, warnings = MarkerFile(tmp_path, "repository").load(NOW)

        assert marker.volume("host", Path("/data")).verified is None
        assert marker.knows_a_snapshot
        assert len(warnings) == 1

    def test_of_a_mover_that_knew_neither_is_read_without_a_warning(self, tmp_path: Path) -> None:
        written = self.written(tmp_path)
        del written["rotation"], written["volumes"]["host:/data"]["verified"]
        (tmp_path / "mover-repository.json").write_text(json.dumps(written))

        marker, warnings = MarkerFile(tmp_path, "repository").load(NOW)

        assert (marker.rotation, warnings) == (Rotation(), [])

    def written(self, folder: Path) -> dict[str, Any]:
        marker = RepositoryState()
        marker.volume("host", Path("/data")).snapshot = SnapshotRef("ab" * 32, NOW)
        file = MarkerFile(folder, "repository")
        file.save(marker)
        return dict(json.loads(file.path.read_text()))
