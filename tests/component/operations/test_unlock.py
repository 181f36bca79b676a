"""Unlock, with real restic: stale locks are removed, live ones stay."""

from tests.support.mover_process import Mover, killed_while_using, somebody_using
from tests.support.restic_versions import both_restics


@both_restics
def test_unlock_removes_stale_locks_and_reports_how_many(mover: Mover) -> None:
    killed_while_using(mover)
    assert mover.succeeds("unlock").message.startswith("1 ")
    assert list((mover.repository / "locks").iterdir()) == []
    assert not mover.succeeds("unlock").message.startswith("1 ")


@both_restics
def test_unlock_leaves_the_lock_of_a_live_process(mover: Mover) -> None:
    locks = mover.repository / "locks"
    with somebody_using(mover):
        before = set(locks.iterdir())
        mover.succeeds("unlock")
        assert set(locks.iterdir()) == before


def test_unlock_without_a_repository_does_nothing(fresh: Mover) -> None:
    result = fresh.succeeds("unlock")
    assert result.operations == [("unlock", "done")]
    assert not fresh.repository.exists()


def test_unlock_fails_with_a_wrong_password(mover: Mover) -> None:
    assert mover.fails(12, "unlock", "backup", RESTIC_PASSWORD="other").operations == [("unlock", "wrong-password")]
