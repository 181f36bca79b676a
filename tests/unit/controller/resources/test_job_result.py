"""What a resource tells of a run, from what the pod left: a whole outcome, a torn one, none, a hostile one."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mover.controller.kube.kinds import JOB, POD
from mover.exit_codes import ExitCode
from tests.unit.controller.cluster import Cluster, destination, outcome, source

SNAPSHOT = {
    "id": "7" * 64,
    "time": "2026-01-01T00:07:00Z",
    "files": 4,
    "bytes": 500,
    "new": 1,
    "changed": 3,
    "added": 10,
    "complete": True,
}


def after(message: str | None, code: int = 0, reason: str = "Completed", **restic: Any) -> Cluster:  # noqa: ANN401
    cluster = Cluster(source({"manual": "once"}, **restic))
    cluster.settle()
    cluster.start_pod()
    cluster.end_pod(code, message, reason)
    cluster.settle()
    return cluster


def test_the_status_tells_what_the_mover_told() -> None:
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


def test_a_failure_is_told_in_the_condition_and_in_one_event() -> None:
    cluster = after(json.dumps({"exitCode": 12, "message": "The password is wrong."}), 12)
    condition = cluster.synchronizing()
    assert (condition["status"], condition["reason"]) == ("False", "WrongPassword")
    assert condition["message"] == "The password is wrong. It is tried again at 2026-01-01T01:07:00Z."
    assert [(e.type, e.reason, e.message) for e in cluster.events] == [
        ("Warning", "WrongPassword", condition["message"])
    ]
    assert cluster.status["latestMoverStatus"] == {"result": "Failed", "logs": "The password is wrong."}
    assert "lastManualSync" not in cluster.status


def test_a_partial_backup_counts_and_says_so_until_the_next_whole_one() -> None:
    cluster = after(outcome(3, snapshot=SNAPSHOT), 3)
    assert cluster.status["lastManualSync"] == "once"
    assert cluster.condition("PartialBackup")["message"] == "It ended with 3."
    assert [event.reason for event in cluster.events] == ["FilesUnreadable"]
    cluster.edit(trigger={"manual": "twice"})
    cluster.run_mover()
    assert not cluster.condition("PartialBackup")


def test_failed_maintenance_counts_and_says_so() -> None:
    cluster = after(outcome(20), 20)
    assert cluster.status["lastManualSync"] == "once"
    assert cluster.condition("MaintenanceFailed")["message"] == "It ended with 20."


def test_maintenance_that_failed_after_a_partial_backup_is_told_too() -> None:
    cluster = after(outcome(3, operations=[{"operation": "prune", "outcome": "locked"}]), 3)
    assert cluster.condition("PartialBackup")
    assert cluster.condition("MaintenanceFailed")["message"].startswith("prune failed too")


def test_a_partial_restore_does_not_count() -> None:
    cluster = Cluster(destination())
    cluster.run_mover(3)
    assert cluster.synchronizing()["reason"] == "Partial"
    assert "lastManualSync" not in cluster.status


def test_a_mover_killed_for_memory_reads_as_out_of_memory() -> None:
    cluster = after("", 137, "OOMKilled")
    assert cluster.synchronizing()["reason"] == "OutOfMemory"
    assert "moverResources.limits.memory" in cluster.synchronizing()["message"]


def test_a_code_that_was_treated_as_success_is_still_what_it_was() -> None:
    assert after(outcome(3), 0).condition("PartialBackup")
    assert after(outcome(12), 0).synchronizing()["reason"] == "WrongPassword"


def test_a_success_that_the_exit_code_denies_is_not_believed() -> None:
    cluster = after(outcome(0), 137)
    assert cluster.synchronizing()["reason"] == "NoOutcome"
    assert "exit code 137" in cluster.synchronizing()["message"]


@pytest.mark.parametrize(
    "message", [None, "", "{", "[" * 4000, "x" * 100_000, "null", '{"exitCode": [], "message": {}}']
)
def test_without_an_outcome_the_exit_code_tells(message: str | None) -> None:
    torn = message if message is not None else ""
    assert after(torn, 0).status["lastManualSync"] == "once"
    assert after(torn, 22).synchronizing()["reason"] == "Unreachable"
    assert after(torn, 99).synchronizing()["reason"] == "NoOutcome"


def test_what_is_not_what_it_should_be_is_left_out() -> None:
    hostile = {"id": "../x", "time": "soon", "files": -1, "bytes": 2**70, "new": True, "changed": 3}
    cluster = after(outcome(snapshot=hostile, pruned={"time": "2099-01-01T00:00:00Z"}, checked=7, operations={"a": []}))
    assert cluster.status["lastSnapshot"] == {"changed": 3}
    assert "restic" not in cluster.status


def test_a_long_message_with_odd_characters_is_one_short_line() -> None:
    cluster = after(json.dumps({"exitCode": 22, "message": "no\nway\x1b[31m " + "é" * 2000}), 22)
    message = cluster.status["failure"]["message"]
    assert len(message) <= 1024
    assert message.startswith("no way [31m é")


def test_the_end_of_a_pod_may_be_seen_after_that_of_its_job() -> None:
    cluster = Cluster(source({"manual": "once"}))
    cluster.settle()
    cluster.start_pod()
    job = cluster.job()
    assert job is not None
    cluster.finish_job(job, "Failed")
    assert cluster.step().writes == ()
    cluster.end_pod(12)
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "WrongPassword"


def test_a_pod_that_is_gone_is_waited_for_no_longer_than_a_minute() -> None:
    cluster = Cluster(source({"manual": "once"}))
    cluster.settle()
    job = cluster.job()
    assert job is not None
    cluster.finish_job(job, "Failed")
    cluster.settle()
    assert not cluster.events
    cluster.later(minutes=1)
    cluster.settle()
    assert [event.reason for event in cluster.events] == ["NoOutcome"]


def test_three_disrupted_pods_are_a_failure_and_two_are_none() -> None:
    cluster = Cluster(source({"manual": "once"}))
    cluster.settle()
    for _ in range(3):
        assert not cluster.events
        cluster.start_pod()
        cluster.disrupt_pod()
        cluster.settle()
        pod = cluster.mover()
        if pod:
            # Evicted pods go; what was seen of them has to be remembered.
            del cluster.objects[POD, pod["metadata"]["name"]]
    assert cluster.synchronizing()["reason"] == "Disrupted"
    assert not cluster.of(JOB), "a Job that has not ended would go on making pods"


def test_unlock_is_recorded_as_carried_out_and_can_be_taken_back() -> None:
    cluster = after(outcome(), unlock="now")
    assert cluster.status["restic"]["lastUnlocked"] == "now"
    cluster.edit(restic={**cluster.resource["spec"]["restic"], "unlock": ""}, trigger={"manual": "twice"})
    cluster.run_mover()
    assert "restic" not in cluster.status


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda x: st.lists(x, max_size=3))


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(
    facts=st.dictionaries(
        st.sampled_from(["exitCode", "message", "snapshot", "pruned", "checked", "warnings", "operations"]),
        JSON | st.dictionaries(st.sampled_from(["id", "time", "files", "operation", "outcome"]), JSON),
    ),
    code=st.sampled_from([0, *ExitCode, 255]),
)
def test_no_message_makes_the_controller_crash(facts: dict[str, Any], code: int) -> None:
    cluster = after(json.dumps(facts), code)
    assert cluster.synchronizing()["status"] == "False"
