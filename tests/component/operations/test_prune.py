"""Prune, with real restic: on request, by interval, and where restic itself would skip it."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mover.platform.clock import write_time
from tests.support.fake_restic import Recorder, fake_restic
from tests.support.mover_process import Mover, somebody_using
from tests.support.restic_versions import both_restics
from tests.support.running_mover import running_mover

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


@both_restics
def test_prune_removes_data_that_no_snapshot_uses(mover: Mover) -> None:
    (mover.data / "large").write_bytes(os.urandom(3_000_000))
    mover.succeeds("backup")
    (mover.data / "large").unlink()
    result = mover.succeeds("backup", "prune", RETAIN_LAST="1")
    assert result.operations == ALL_THREE
    assert size(mover.repository) < 1_000_000


def test_a_requested_prune_runs_whether_or_not_it_is_due(mover: Mover) -> None:
    mover.succeeds("backup", "prune")
    result = mover.succeeds("prune", PRUNE_INTERVAL_DAYS="1000")
    assert result.operations == [("prune", "done")]


def test_a_prune_that_is_requested_and_due_runs_once(mover: Mover) -> None:
    result = mover.succeeds("backup", "prune", PRUNE_INTERVAL_DAYS="0")
    assert result.operations == BACKUP_AND_PRUNE
    result = mover.succeeds("prune", "backup", PRUNE_INTERVAL_DAYS="0")
    assert result.operations == [("prune", "done"), ("backup", "done")]


def test_a_requested_prune_shares_one_process_with_forget(mover: Mover) -> None:
    mover.succeeds("backup")
    result = mover.succeeds("backup", "prune", RETAIN_LAST="1")
    assert result.operations == ALL_THREE
    assert result.outcome["restic"]["processes"] == 2


@both_restics
def test_a_requested_prune_runs_alone_where_nothing_was_forgotten(mover: Mover) -> None:
    mover.succeeds("backup")
    result = mover.succeeds("backup", "prune", RETAIN_LAST="100")
    assert result.operations == ALL_THREE
    assert result.outcome["restic"]["processes"] == 3
    assert result.outcome["pruned"]["time"] == mover.read_marker()["pruned"]


def test_prune_without_a_repository_does_nothing(fresh: Mover) -> None:
    result = fresh.succeeds("prune")
    assert result.operations == [("prune", "done")]
    assert result.outcome["pruned"] is None
    assert not fresh.repository.exists()


def test_a_requested_prune_fails_with_the_exit_code_of_its_cause(mover: Mover) -> None:
    result = mover.fails(12, "prune", RESTIC_PASSWORD="another")
    assert result.operations == [("prune", "wrong-password")]


def test_prune_does_not_run_before_its_interval_has_passed(mover: Mover) -> None:
    mover.succeeds("backup", "prune")
    result = mover.succeeds("backup", PRUNE_INTERVAL_DAYS="1")
    assert result.operations == [("backup", "done")]
    assert result.outcome["pruned"] is None


def test_prune_follows_every_backup_where_its_interval_is_zero(mover: Mover) -> None:
    for _ in range(2):
        assert mover.succeeds("backup", PRUNE_INTERVAL_DAYS="0").operations == BACKUP_AND_PRUNE


def test_the_prune_interval_counts_from_the_last_prune_in_the_marker_file(mover: Mover) -> None:
    mover.succeeds("backup", "prune")
    set_pruned(mover, LONG_AGO)
    result = mover.succeeds("backup", PRUNE_INTERVAL_DAYS="7", LAST_PRUNED=write_time(datetime.now(UTC)))
    assert result.operations == BACKUP_AND_PRUNE
    assert mover.read_marker()["pruned"] > LONG_AGO


@pytest.mark.parametrize(("days_ago", "operations"), [(1, [("backup", "done")]), (8, BACKUP_AND_PRUNE)])
def test_the_prune_interval_counts_from_last_pruned_without_a_marker_file(
    mover: Mover, days_ago: int, operations: list[tuple[str, str]]
) -> None:
    last = write_time(datetime.now(UTC) - timedelta(days=days_ago))
    assert mover.succeeds("backup", PRUNE_INTERVAL_DAYS="7", LAST_PRUNED=last).operations == operations


def test_the_prune_interval_counts_from_the_oldest_snapshot_without_a_known_prune(mover: Mover) -> None:
    assert mover.succeeds("backup", PRUNE_INTERVAL_DAYS="7").operations == [("backup", "done")]


def test_prune_is_due_where_the_oldest_snapshot_is_older_than_the_interval(history: Mover) -> None:
    assert history.succeeds("backup", PRUNE_INTERVAL_DAYS="7").operations == BACKUP_AND_PRUNE


def test_the_oldest_snapshot_is_looked_up_only_once(mover: Mover) -> None:
    by_interval = mover.with_settings(PRUNE_INTERVAL_DAYS="7")
    by_interval.succeeds("backup")
    assert by_interval.succeeds("backup").outcome["restic"]["processes"] == 1


def test_a_prune_earlier_in_the_run_settles_whether_another_is_due_without_a_lookup(mover: Mover) -> None:
    recorder = Recorder(mover.folder, mover.search_path / "restic")
    mover.with_restic(recorder.search_path).succeeds("prune", "backup", PRUNE_INTERVAL_DAYS="7")
    assert "snapshots" not in recorder.commands


def test_forgotten_snapshots_are_logged_before_their_prune_has_ended(mover: Mover) -> None:
    mover.succeeds("backup")
    real, proceed = mover.search_path / "restic", mover.folder / "proceed"
    waits = f"{real} forget --keep-last=1 --json; until test -e {proceed}; do sleep 0.05; done"
    slow = mover.with_restic(fake_restic(mover.folder, forget=waits, **{"*": f'exec {real} "$@"'}))
    with running_mover(slow, "backup", "prune", RETAIN_LAST="1") as run:
        run.says("1 snapshot forgotten, 1 kept")
        assert run.process.poll() is None, "it waits for the prune"
        proceed.touch()
        assert run.ends_with(0).operations == ALL_THREE


def test_a_last_pruned_in_the_future_is_ignored(history: Mover) -> None:
    result = history.succeeds("backup", PRUNE_INTERVAL_DAYS="7", LAST_PRUNED=LONG_AHEAD)
    assert result.operations == BACKUP_AND_PRUNE


def test_a_marker_file_with_a_prune_in_the_future_is_ignored(mover: Mover) -> None:
    mover.succeeds("backup", "prune")
    set_pruned(mover, LONG_AHEAD)
    result = mover.succeeds("backup", PRUNE_INTERVAL_DAYS="7", LAST_PRUNED=LONG_AGO)
    assert result.operations == BACKUP_AND_PRUNE
    assert "state-unusable" in result.reasons


def test_a_due_prune_shares_one_process_with_forget(mover: Mover) -> None:
    by_interval = mover.with_settings(PRUNE_INTERVAL_DAYS="0", RETAIN_LAST="1")
    by_interval.succeeds("backup")
    result = by_interval.succeeds("backup")
    assert result.operations == ALL_THREE
    assert result.outcome["restic"]["processes"] == 2


def test_a_due_prune_runs_alone_where_nothing_was_forgotten(mover: Mover) -> None:
    result = mover.succeeds("backup", PRUNE_INTERVAL_DAYS="0", RETAIN_LAST="5")
    assert result.operations == ALL_THREE
    assert mover.read_marker()["pruned"]


def test_a_failed_prune_is_not_recorded_and_does_not_undo_the_backup(mover: Mover) -> None:
    mover.succeeds("backup")
    with somebody_using(mover):
        result = mover.fails(20, "backup", PRUNE_INTERVAL_DAYS="0", LOCK_TIMEOUT="1s")
    assert result.operations == [("backup", "done"), ("prune", "maintenance-failed")]
    assert mover.read_marker()["pruned"] is None
    assert mover.count() == 2


def restic_that_fails_in_the_prune_after_it_has_forgotten(mover: Mover) -> Path:
    """Write a `restic` whose forget fails between its list and the end of its prune, and return its folder."""
    real = mover.search_path / "restic"
    forget_alone = f'for word; do test $word = --prune || words="$words $word"; done; {real} $words'
    return fake_restic(
        mover.folder, forget=f"{forget_alone}; echo 'Fatal: no idea' >&2; exit 1", **{"*": f'exec {real} "$@"'}
    )


@pytest.mark.parametrize("asked", [("backup", "prune"), ("backup",)])
def test_a_prune_that_fails_in_the_process_of_a_forget_leaves_the_forget_done(
    mover: Mover, asked: tuple[str, ...]
) -> None:
    mover.succeeds("backup")
    failing = mover.with_restic(restic_that_fails_in_the_prune_after_it_has_forgotten(mover))
    interval = {} if "prune" in asked else {"PRUNE_INTERVAL_DAYS": "0"}
    result = failing.fails(20, *asked, RETAIN_LAST="1", **interval)
    assert result.operations == [("backup", "done"), ("forget", "done"), ("prune", "maintenance-failed")]
    assert mover.count() == 1
    assert result.outcome["pruned"] is None
    assert mover.read_marker()["pruned"] is None


def test_a_prune_cut_off_by_an_outage_runs_once_the_backend_is_back(mover: Mover) -> None:
    (mover.data / "large").write_bytes(os.urandom(3_000_000))
    mover.succeeds("backup")
    (mover.data / "large").unlink()
    faltering = mover.with_restic(restic_that_loses_the_backend_once_it_has_forgotten(mover))
    result = faltering.succeeds("backup", "prune", RETAIN_LAST="1")
    assert result.operations == ALL_THREE
    _, forgotten, _ = result.message.split("; ")
    assert re.findall(r"\d+", forgotten) == ["1", "1"], "one snapshot forgotten before the outage, one kept"
    assert result.outcome["pruned"], "an operation is done only where it was"
    assert size(mover.repository) < 1_000_000


@pytest.mark.parametrize("content", ['{"version": 1, "since": "2026-', '{"version": 2, "pruned": null}'])
def test_an_unusable_marker_file_is_replaced_and_last_pruned_is_used(mover: Mover, content: str) -> None:
    mover.cache.mkdir()
    mover.marker.write_text(content)
    result = mover.succeeds("backup", PRUNE_INTERVAL_DAYS="7", LAST_PRUNED=LONG_AGO)
    assert result.operations == BACKUP_AND_PRUNE
    assert str(mover.marker) in result.warnings
    assert mover.read_marker()["pruned"] == result.outcome["pruned"]["time"]


def set_pruned(mover: Mover, time: str) -> None:
    content = mover.marker.read_text()
    mover.marker.write_text(content.replace(mover.read_marker()["pruned"], time))
