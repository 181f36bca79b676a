"""Retention, with real restic on a repository whose snapshots are of two years."""

from pathlib import Path

import pytest

from tests.support.mover_process import Mover, unreadable
from tests.support.movers import TIMES
from tests.support.restic_versions import both_restics

KEPT_BESIDE_THE_NEW_ONE = {
    "RETAIN_LAST=3": ["2026-02-19 08", "2026-02-19 09"],
    "RETAIN_HOURLY=3": ["2026-02-19 08", "2026-02-19 09"],
    "RETAIN_DAILY=3": ["2026-02-18 12", "2026-02-19 09"],
    "RETAIN_WEEKLY=3": ["2026-02-10 12", "2026-02-19 09"],
    "RETAIN_MONTHLY=3": ["2026-01-10 12", "2026-02-19 09"],
    "RETAIN_YEARLY=2": ["2025-06-15 12"],
    "RETAIN_YEARLY=2 RETAIN_LAST=2": ["2025-06-15 12", "2026-02-19 09"],
    "RETAIN_WITHIN=100y": [time[:13] for time in TIMES],
    "RETAIN_WITHIN=1h": [],
    "RETAIN_LAST=1 RETAIN_DAILY=0": [],
}
"""The backup of a test is made today, in a later week, month or year: it takes the first place of each."""


def kept(mover: Mover) -> list[str]:
    """The hours of the snapshots in the repository, the oldest first, without the one of this test."""
    return [snapshot["time"][:13].replace("T", " ") for snapshot in mover.snapshots()][:-1]


@pytest.mark.parametrize("policy", KEPT_BESIDE_THE_NEW_ONE)
def test_forget_keeps_what_each_variable_says(history: Mover, policy: str) -> None:
    settings = dict(setting.split("=") for setting in policy.split())
    result = history.succeeds("backup", **settings)
    assert kept(history) == KEPT_BESIDE_THE_NEW_ONE[policy]
    forgotten = len(TIMES) - len(KEPT_BESIDE_THE_NEW_ONE[policy])
    assert result.operations == [("backup", "done"), ("forget", "done")]
    assert f"{forgotten} snapshot" in result.message


@both_restics
@pytest.mark.parametrize("options", ["--keep-last 2", "-l 2", "--keep-last=2 --keep-tag 'not there'"])
def test_forget_accepts_raw_flags_of_restic(history: Mover, options: str) -> None:
    history.succeeds("backup", FORGET_OPTIONS=options)
    assert kept(history) == ["2026-02-19 09"]


def test_nothing_is_forgotten_without_a_policy(history: Mover) -> None:
    assert history.succeeds("backup").operations == [("backup", "done")]
    assert len(kept(history)) == len(TIMES)


def test_forget_takes_one_restic_process_beside_the_backup(history: Mover) -> None:
    history.succeeds("backup")
    assert history.succeeds("backup", RETAIN_LAST="2").outcome["restic"]["processes"] == 2


def test_forget_leaves_snapshots_of_other_hosts_and_paths_alone(history: Mover, tmp_path: Path) -> None:
    (tmp_path / "another").mkdir()
    (tmp_path / "another" / "file").touch()
    history.succeeds("backup", RETAIN_LAST="1", RESTIC_HOST="another")
    history.with_volume(tmp_path / "another").succeeds("backup", RETAIN_LAST="1")
    assert history.count() == len(TIMES) + 2


def test_forget_counts_snapshots_with_other_tags_too(history: Mover) -> None:
    history.succeeds("backup", RETAIN_LAST="1", BACKUP_TAGS="tagged")
    assert history.count() == 1


def test_a_policy_that_restic_refuses_does_not_undo_the_backup(history: Mover) -> None:
    result = history.fails(20, "backup", FORGET_OPTIONS="--keep-fortnightly 3")
    assert result.operations == [("backup", "done"), ("forget", "maintenance-failed")]
    assert "unknown flag: --keep-fortnightly" in result.message
    assert history.count() == len(TIMES) + 1


def test_a_failed_forget_does_not_end_the_chain(history: Mover) -> None:
    result = history.fails(20, "backup", "prune", FORGET_OPTIONS="--no-such-flag")
    assert result.operations == [("backup", "done"), ("forget", "maintenance-failed"), ("prune", "done")]


@both_restics
def test_a_policy_without_any_number_keeps_everything(history: Mover) -> None:
    result = history.run("backup", FORGET_OPTIONS="--keep-last 0")
    assert len(kept(history)) == len(TIMES), f"{result.exit_code}: {result.text}"


def test_forget_after_a_partial_backup_keeps_the_last_complete_snapshot(mover: Mover) -> None:
    complete = mover.succeeds("backup").outcome["snapshot"]["id"]
    unreadable(mover.data / "one")
    limited = mover.powerless().with_settings(RETAIN_LAST="1")
    limited.fails(3, "backup")
    result = limited.fails(3, "backup")
    partial = result.outcome["snapshot"]["id"]
    assert mover.ids() == [complete, partial], "the first partial one is forgotten, the complete one is not"
    assert result.operations == [("backup", "partial"), ("forget", "done")]
    assert complete[:8] in result.messages


def test_forget_removes_a_complete_snapshot_once_there_is_a_newer_complete_one(mover: Mover) -> None:
    keeping_one = mover.with_settings(RETAIN_LAST="1")
    keeping_one.succeeds("backup")
    unreadable(mover.data / "one")
    keeping_one.powerless().fails(3, "backup")
    newest = keeping_one.succeeds("backup").outcome["snapshot"]["id"]
    assert mover.ids() == [newest], "the tests' own user can read every file, so that this one is complete"


def test_forget_follows_the_policy_where_no_complete_snapshot_is_known(mover: Mover) -> None:
    unreadable(mover.data / "one")
    limited = mover.powerless().with_settings(RETAIN_LAST="1")
    limited.fails(3, "backup")
    limited.fails(3, "backup")
    assert mover.count() == 1


def test_a_due_prune_follows_a_partial_backup_too(mover: Mover) -> None:
    mover.succeeds("backup")
    unreadable(mover.data / "one")
    limited = mover.powerless().with_settings(RETAIN_LAST="1", PRUNE_INTERVAL_DAYS="0")
    result = limited.fails(3, "backup")
    assert result.operations == [("backup", "partial"), ("forget", "done"), ("prune", "done")]
