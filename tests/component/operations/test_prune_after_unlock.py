"""No prune right after locks were removed: a live process that lost its lock creates a new one within five minutes."""

import signal

from tests.support.killed_runs import add_unfinished_run, leave_stale_lock, locks
from tests.support.mover_process import Mover
from tests.support.restic_versions import both_restics
from tests.support.running_mover import running_mover

LONG_AGO = "2026-01-01T00:00:00Z"


def locked_by_a_killed_run(mover: Mover) -> Mover:
    """Have two snapshots, and a lock that keeps forget and prune out."""
    for _ in range(2):
        mover.succeeds("backup")
    leave_stale_lock(mover)
    add_unfinished_run(mover)
    return mover


def test_a_due_prune_is_postponed_by_a_run_that_removed_locks(mover: Mover) -> None:
    by_interval = locked_by_a_killed_run(mover).with_settings(PRUNE_INTERVAL_DAYS="0")
    for _ in range(2):
        result = by_interval.succeeds("backup")
        assert result.operations == [("backup", "done")]
        assert "prune-postponed" in result.reasons
        assert mover.read_marker()["pruned"] is None
    assert locks(mover) == set()

    unlocked = mover.read_marker()["unlocked"]
    mover.marker.write_text(mover.marker.read_text().replace(unlocked, LONG_AGO))
    assert by_interval.succeeds("backup").operations == [("backup", "done"), ("prune", "done")]


@both_restics
def test_a_postponed_prune_does_not_postpone_the_forget(mover: Mover) -> None:
    result = locked_by_a_killed_run(mover).succeeds("backup", PRUNE_INTERVAL_DAYS="0", RETAIN_LAST="1")
    assert result.operations == [("backup", "done"), ("forget", "done")]
    assert "prune-postponed" in result.reasons
    assert mover.count() == 1


def test_a_requested_prune_waits_after_locks_were_removed_and_can_be_stopped(mover: Mover) -> None:
    with running_mover(locked_by_a_killed_run(mover), "prune") as run:
        run.says("prune-waits")
        assert locks(mover) == set()
        run.signal(signal.SIGTERM)
        result = run.ends_with(143)
    assert result.operations == [("prune", "terminated")]
    assert mover.read_marker()["pruned"] is None
