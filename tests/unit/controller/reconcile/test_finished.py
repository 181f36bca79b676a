"""A Job that has ended: what of its result is in the status, the conditions and the events."""

import json

from tests.support.fake_cluster import FakeCluster, outcome
from tests.support.manifests import destination, source
from tests.unit.controller.resources.test_job_result import SNAPSHOT, after


def test_the_status_has_what_the_mover_reported() -> None:
    cluster = after(
        outcome(
            snapshot=SNAPSHOT,
            pruned={"time": "2026-01-01T00:06:00Z"},
            checked={"time": "2026-01-01T00:05:00Z"},
            warnings=["it was slow"],
        )
    )
    assert cluster.status["lastSnapshot"] == SNAPSHOT
    assert cluster.status["restic"] == {"lastPruned": "2026-01-01T00:06:00Z", "lastChecked": "2026-01-01T00:05:00Z"}
    assert cluster.status["latestMoverStatus"] == {"result": "Successful", "logs": "It ended with 0.\nit was slow"}


def test_a_failure_is_reported_in_the_condition_and_in_one_event() -> None:
    cluster = after(json.dumps({"exitCode": 12, "message": "The password is wrong."}), 12)
    condition = cluster.synchronizing()
    assert (condition["status"], condition["reason"]) == ("False", "WrongPassword")
    assert "The password is wrong" in condition["message"]
    assert condition["message"].endswith("2026-01-01T01:07:00Z"), "when it is retried"
    assert [(e.type, e.reason, e.message) for e in cluster.events] == [
        ("Warning", "WrongPassword", condition["message"])
    ]
    assert cluster.status["latestMoverStatus"] == {"result": "Failed", "logs": "The password is wrong."}
    assert "lastManualSync" not in cluster.status


def test_a_partial_backup_succeeds_and_sets_a_condition_until_the_next_complete_one() -> None:
    cluster = after(outcome(3, snapshot=SNAPSHOT), 3)
    assert cluster.status["lastManualSync"] == "once"
    assert cluster.condition("PartialBackup")["message"] == "It ended with 3."
    assert [event.reason for event in cluster.events] == ["FilesUnreadable"]
    cluster.edit(trigger={"manual": "twice"})
    cluster.run_mover()
    assert not cluster.condition("PartialBackup")


def test_failed_maintenance_sets_a_condition_on_a_successful_sync() -> None:
    cluster = after(outcome(20), 20)
    assert cluster.status["lastManualSync"] == "once"
    assert cluster.condition("MaintenanceFailed")["message"] == "It ended with 20."


def test_maintenance_that_failed_after_a_partial_backup_is_reported_too() -> None:
    cluster = after(outcome(3, operations=[{"operation": "prune", "outcome": "locked"}]), 3)
    assert cluster.condition("PartialBackup")
    assert cluster.condition("MaintenanceFailed")["message"].startswith("prune ")


def test_a_partial_restore_is_a_failed_sync() -> None:
    cluster = FakeCluster(destination())
    cluster.run_mover(3)
    assert cluster.synchronizing()["reason"] == "Partial"
    assert "lastManualSync" not in cluster.status


def test_a_finished_unlock_is_recorded_until_the_field_is_emptied() -> None:
    cluster = after(outcome(), unlock="now")
    assert cluster.status["restic"]["lastUnlocked"] == "now"
    cluster.edit(restic={**cluster.resource["spec"]["restic"], "unlock": ""}, trigger={"manual": "twice"})
    cluster.run_mover()
    assert "restic" not in cluster.status


def test_failures_in_a_row_are_counted_in_the_message() -> None:
    cluster = FakeCluster(source({"manual": "once"}))
    cluster.run_mover(22)
    assert cluster.status["failure"]["count"] == 1
    assert "(1 " not in cluster.synchronizing()["message"]
    cluster.later(minutes=1)
    cluster.run_mover(22)
    assert "(2 " in cluster.synchronizing()["message"]
    assert cluster.status["failure"]["count"] == 2
    assert [event.message for event in cluster.events][-1] == cluster.synchronizing()["message"]
