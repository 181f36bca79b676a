"""`mover status`, as a table and as JSON."""

import json

import pytest

from tests.support.mover_process import PASSWORD, Mover, unreadable


def shown(mover: Mover, *arguments: str, **settings: str) -> str:
    result = mover.succeeds(*arguments, **settings)
    assert result.errors == ""
    return result.text


def facts(mover: Mover, **settings: str) -> dict[str, object]:
    return dict(json.loads(shown(mover, "status", "--json", **settings)))


def test_status_is_empty_before_the_first_run(fresh: Mover) -> None:
    status = facts(fresh)
    assert status.pop("repository") == str(fresh.repository)
    assert status.pop("markerFile") == str(fresh.marker)
    assert set(status.values()) == {None}
    assert not fresh.cache.exists(), "status should change nothing"


def test_status_distinguishes_a_complete_snapshot_from_a_partial_one(mover: Mover) -> None:
    complete = mover.succeeds("backup").outcome["snapshot"]
    unreadable(mover.data / "one")
    partial = mover.powerless().fails(3, "backup").outcome["snapshot"]
    status = facts(mover)
    assert status["lastComplete"] == {"id": complete["id"], "time": complete["time"]}
    assert status["lastSnapshot"] == {"id": partial["id"], "time": partial["time"]}


def test_status_does_not_open_the_repository(mover: Mover) -> None:
    mover.succeeds("backup", "prune")
    mover.repository.rename(mover.folder / "unplugged")
    assert facts(mover)["lastPruned"] == mover.read_marker()["pruned"]


def test_status_shows_when_prune_and_check_are_due(mover: Mover) -> None:
    mover.succeeds("backup", "prune")
    pruned = mover.read_marker()["pruned"]
    tomorrow = facts(mover, PRUNE_INTERVAL_DAYS="1", CHECK_INTERVAL_DAYS="0")
    assert pruned < str(tomorrow["pruneDue"]) < "2999"
    assert tomorrow["checkDue"] == "now", "each backup is followed by a check"
    assert facts(mover, PRUNE_INTERVAL_DAYS="0")["pruneDue"] == "now"
    assert facts(mover)["pruneDue"] is None


@pytest.mark.parametrize(
    ("last_pruned", "due"),
    [("2026-01-01T00:00:00Z", "now"), ("2999-01-01T00:00:00Z", "unknown until the next run")],
)
def test_status_uses_last_pruned_as_a_run_does(fresh: Mover, last_pruned: str, due: str) -> None:
    assert facts(fresh, LAST_PRUNED=last_pruned, PRUNE_INTERVAL_DAYS="7")["pruneDue"] == due


def test_status_warns_about_an_unusable_marker_file(fresh: Mover) -> None:
    fresh.cache.mkdir()
    fresh.marker.write_text("no JSON")
    result = fresh.succeeds("status", LOG_FORMAT="text")
    assert str(fresh.marker) in result.errors
    assert fresh.marker.read_text() == "no JSON", "status should change nothing"


def test_status_shows_no_password(fresh: Mover) -> None:
    text = shown(fresh, "status", RESTIC_REPOSITORY=f"rest:http://me:{PASSWORD.replace(' ', '-')}@127.0.0.1:1/")
    assert "rest:http://me:***@127.0.0.1:1/" in text
