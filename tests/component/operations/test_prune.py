"""Prune, with real restic: asked for, by interval, and where restic itself would skip it."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mover.platform.clock import write_time
from tests.fake_restic import fake_restic
from tests.mover_process import Mover, somebody_using
from tests.restics import both_restics

LONG_AGO = "2026-01-01T00:00:00Z"
LONG_AHEAD = "2999-01-01T00:00:00Z"

BACKUP_AND_PRUNE = [("backup", "done"), ("prune", "done")]
ALL_THREE = [("backup", "done"), ("forget", "done"), ("prune", "done")]


def size(repository: Path) -> int:
    return sum(file.stat().st_size for file in (repository / "data").rglob("*") if file.is_file())


def restic_that_loses_the_backend_once_it_has_forgotten(mover: Mover) -> Path:
    """Write a `restic` whose first forget ends before its prune, and return its folder."""
    real, note = mover.search_path / "restic", mover.folder / "has-forgotten"
    forget_alone = f'for word; do test $word = --prune || words="$words $word"; done; {real} $words'
    lost = f"touch {note}; {forget_alone}; echo 'Fatal: connection refused' >&2; exit 1"
    forget = f'if test -e {note}; then exec {real} "$@"; else {lost}; fi'
    return fake_restic(mover.folder, forget=forget, **{"*": f'exec {real} "$@"'})


class TestPruneWhenAsked:
    @both_restics
    def test_removes_data_that_no_snapshot_uses(self, mover: Mover) -> None:
        (mover.data / "large").write_bytes(os.urandom(3_000_000))
        mover.succeeds("backup")
        (mover.data / "large").unlink()
        result = mover.succeeds("backup", "prune", RETAIN_LAST="1")
        assert result.operations == ALL_THREE
        assert size(mover.repository) < 1_000_000

    def test_runs_whether_or_not_it_is_due(self, mover: Mover) -> None:
        mover.succeeds("backup", "prune")
        result = mover.succeeds("prune", PRUNE_INTERVAL_DAYS="1000")
        assert result.operations == [("prune", "done")]

    def test_and_due_as_well_runs_once(self, mover: Mover) -> None:
        result = mover.succeeds("backup", "prune", PRUNE_INTERVAL_DAYS="0")
        assert result.operations == BACKUP_AND_PRUNE
        result = mover.succeeds("prune", "backup", PRUNE_INTERVAL_DAYS="0")
        assert result.operations == [("prune", "done"), ("backup", "done")]

    def test_is_one_process_with_forget(self, mover: Mover) -> None:
        mover.succeeds("backup")
        result = mover.succeeds("backup", "prune", RETAIN_LAST="1")
        assert result.operations == ALL_THREE
        assert result.outcome["restic"]["processes"] == 2

    @both_restics
    def test_is_done_by_itself_where_restic_skips_it_as_nothing_was_forgotten(self, mover: Mover) -> None:
        mover.succeeds("backup")
        result = mover.succeeds("backup", "prune", RETAIN_LAST="100")
        assert result.operations == ALL_THREE
        assert result.outcome["restic"]["processes"] == 3
        assert result.outcome["pruned"]["time"] == mover.remembered()["pruned"]

    def test_has_nothing_to_do_where_there_is_no_repository(self, fresh: Mover) -> None:
        result = fresh.succeeds("prune")
        assert result.operations == [("prune", "done")]
        assert result.outcome["pruned"] is None
        assert not fresh.repository.exists()

    def test_tells_its_own_failure_by_its_own_code(self, mover: Mover) -> None:
        result = mover.fails(12, "prune", RESTIC_PASSWORD="another")
        assert result.operations == [("prune", "wrong-password")]


class TestPruneByInterval:
    def test_is_not_done_before_the_interval_has_passed(self, mover: Mover) -> None:
        mover.succeeds("backup", "prune")
        result = mover.succeeds("backup", PRUNE_INTERVAL_DAYS="1")
        assert result.operations == [("backup", "done")]
        assert result.outcome["pruned"] is None

    def test_is_done_each_time_where_the_interval_is_nothing(self, mover: Mover) -> None:
        for _ in range(2):
            assert mover.succeeds("backup", PRUNE_INTERVAL_DAYS="0").operations == BACKUP_AND_PRUNE

    def test_counts_from_the_last_prune_the_marker_file_knows_of(self, mover: Mover) -> None:
        mover.succeeds("backup", "prune")
        set_pruned(mover, LONG_AGO)
        result = mover.succeeds("backup", PRUNE_INTERVAL_DAYS="7", LAST_PRUNED=write_time(datetime.now(UTC)))
        assert result.operations == BACKUP_AND_PRUNE
        assert mover.remembered()["pruned"] > LONG_AGO

    @pytest.mark.parametrize(("days_ago", "operations"), [(1, [("backup", "done")]), (8, BACKUP_AND_PRUNE)])
    def test_counts_from_last_pruned_where_there_is_no_marker_file(
        self, mover: Mover, days_ago: int, operations: list[tuple[str, str]]
    ) -> None:
        last = write_time(datetime.now(UTC) - timedelta(days=days_ago))
        assert mover.succeeds("backup", PRUNE_INTERVAL_DAYS="7", LAST_PRUNED=last).operations == operations

    def test_counts_from_the_oldest_snapshot_where_nobody_knows_of_a_prune(self, mover: Mover) -> None:
        assert mover.succeeds("backup", PRUNE_INTERVAL_DAYS="7").operations == [("backup", "done")]

    def test_is_due_where_the_oldest_snapshot_is_older_than_the_interval(self, history: Mover) -> None:
        assert history.succeeds("backup", PRUNE_INTERVAL_DAYS="7").operations == BACKUP_AND_PRUNE

    def test_asks_for_the_oldest_snapshot_only_once(self, mover: Mover) -> None:
        by_interval = mover.with_settings(PRUNE_INTERVAL_DAYS="7")
        by_interval.succeeds("backup")
        assert by_interval.succeeds("backup").outcome["restic"]["processes"] == 1

    def test_does_not_believe_a_last_prune_in_the_future(self, history: Mover) -> None:
        result = history.succeeds("backup", PRUNE_INTERVAL_DAYS="7", LAST_PRUNED=LONG_AHEAD)
        assert result.operations == BACKUP_AND_PRUNE

    def test_does_not_believe_a_marker_file_from_the_future(self, mover: Mover) -> None:
        mover.succeeds("backup", "prune")
        set_pruned(mover, LONG_AHEAD)
        result = mover.succeeds("backup", PRUNE_INTERVAL_DAYS="7", LAST_PRUNED=LONG_AGO)
        assert result.operations == BACKUP_AND_PRUNE
        assert "in the future" in result.warnings

    def test_is_one_process_with_forget(self, mover: Mover) -> None:
        by_interval = mover.with_settings(PRUNE_INTERVAL_DAYS="0", RETAIN_LAST="1")
        by_interval.succeeds("backup")
        result = by_interval.succeeds("backup")
        assert result.operations == ALL_THREE
        assert result.outcome["restic"]["processes"] == 2

    def test_is_done_by_itself_where_restic_skips_it_as_nothing_was_forgotten(self, mover: Mover) -> None:
        result = mover.succeeds("backup", PRUNE_INTERVAL_DAYS="0", RETAIN_LAST="5")
        assert result.operations == ALL_THREE
        assert mover.remembered()["pruned"]

    def test_that_fails_is_not_remembered_and_does_not_undo_the_backup(self, mover: Mover) -> None:
        mover.succeeds("backup")
        with somebody_using(mover):
            result = mover.fails(20, "backup", PRUNE_INTERVAL_DAYS="0", LOCK_TIMEOUT="1s")
        assert result.operations == [("backup", "done"), ("prune", "maintenance-failed")]
        assert mover.remembered()["pruned"] is None
        assert mover.count() == 2


class TestPruneCutOffByAnOutage:
    def test_is_done_once_the_backend_is_back_though_nothing_is_left_to_forget(self, mover: Mover) -> None:
        (mover.data / "large").write_bytes(os.urandom(3_000_000))
        mover.succeeds("backup")
        (mover.data / "large").unlink()
        faltering = mover.with_restic(restic_that_loses_the_backend_once_it_has_forgotten(mover))
        result = faltering.succeeds("backup", "prune", RETAIN_LAST="1")
        assert result.operations == ALL_THREE
        assert result.message.endswith("1 snapshot forgotten, 1 kept; pruned")
        assert result.outcome["pruned"], "an operation is done only where it was"
        assert size(mover.repository) < 1_000_000


class TestAMarkerFileThatIsOfNoUse:
    @pytest.mark.parametrize("content", ['{"version": 1, "since": "2026-', '{"version": 2, "pruned": null}'])
    def test_leaves_it_to_last_pruned_and_is_made_anew(self, mover: Mover, content: str) -> None:
        mover.cache.mkdir()
        mover.marker.write_text(content)
        result = mover.succeeds("backup", PRUNE_INTERVAL_DAYS="7", LAST_PRUNED=LONG_AGO)
        assert result.operations == BACKUP_AND_PRUNE
        assert str(mover.marker) in result.warnings
        assert mover.remembered()["pruned"] == result.outcome["pruned"]["time"]


def set_pruned(mover: Mover, time: str) -> None:
    remembered = mover.marker.read_text()
    mover.marker.write_text(remembered.replace(mover.remembered()["pruned"], time))
