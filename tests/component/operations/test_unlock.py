"""Unlock, with real restic: stale locks go, those of the living stay."""

from tests.mover_process import Mover, killed_while_using, somebody_using
from tests.restics import both_restics


class TestUnlock:
    @both_restics
    def test_says_how_many_locks_it_removed(self, mover: Mover) -> None:
        killed_while_using(mover)
        assert mover.succeeds("unlock").message == "1 stale lock removed"
        assert mover.succeeds("unlock").message == "there was no stale lock"

    @both_restics
    def test_leaves_the_lock_of_a_living_process(self, mover: Mover) -> None:
        locks = mover.repository / "locks"
        with somebody_using(mover):
            before = set(locks.iterdir())
            mover.succeeds("unlock")
            assert set(locks.iterdir()) == before

    def test_has_nothing_to_do_where_there_is_no_repository(self, fresh: Mover) -> None:
        result = fresh.succeeds("unlock")
        assert "nothing to unlock" in result.message
        assert not fresh.repository.exists()

    def test_fails_with_a_wrong_password(self, mover: Mover) -> None:
        assert mover.fails(12, "unlock", "backup", RESTIC_PASSWORD="other").operations == [("unlock", "wrong-password")]
