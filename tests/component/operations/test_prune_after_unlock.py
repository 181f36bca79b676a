"""No prune right after locks were removed: a live process that lost its lock makes it anew within five minutes."""

import signal

from tests.left_behind import leave_a_lock, locks, remember_a_run
from tests.mover_process import Mover
from tests.restics import both_restics
from tests.started import started

LEFT = "A prune is due, but left for a later run: locks were removed a few minutes ago."
LONG_AGO = "2026-01-01T00:00:00Z"


def locked_by_a_dead_run(mover: Mover) -> Mover:
    """Have two snapshots, and a lock that keeps forget and prune out."""
    for _ in range(2):
        mover.succeeds("backup")
    leave_a_lock(mover)
    remember_a_run(mover)
    return mover


class TestAPruneThatIsDue:
    def test_is_left_for_a_later_run_by_the_one_that_removed_locks(self, mover: Mover) -> None:
        by_interval = locked_by_a_dead_run(mover).with_settings(PRUNE_INTERVAL_DAYS="0")
        for _ in range(2):
            result = by_interval.succeeds("backup")
            assert result.operations == [("backup", "done")]
            assert LEFT in result.warnings
            assert mover.remembered()["pruned"] is None
        assert locks(mover) == set()

        unlocked = mover.remembered()["unlocked"]
        mover.marker.write_text(mover.marker.read_text().replace(unlocked, LONG_AGO))
        assert by_interval.succeeds("backup").operations == [("backup", "done"), ("prune", "done")]

    @both_restics
    def test_does_not_keep_the_policy_from_being_applied(self, mover: Mover) -> None:
        result = locked_by_a_dead_run(mover).succeeds("backup", PRUNE_INTERVAL_DAYS="0", RETAIN_LAST="1")
        assert result.operations == [("backup", "done"), ("forget", "done")]
        assert LEFT in result.warnings
        assert mover.count() == 1


class TestAPruneThatIsAskedFor:
    def test_waits_and_can_be_stopped_as_it_does(self, mover: Mover) -> None:
        with started(locked_by_a_dead_run(mover), "prune") as run:
            run.says("Locks were removed a few minutes ago: waiting 3")
            assert locks(mover) == set()
            run.signal(signal.SIGTERM)
            result = run.ends_with(143)
        assert result.operations == [("prune", "terminated")]
        assert mover.remembered()["pruned"] is None
