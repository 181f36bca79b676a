"""How a Job ended, from what its pod left: a complete outcome, a torn one, none, a hostile one."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mover.exit_codes import ExitCode
from tests.support.fake_cluster import FakeCluster, outcome
from tests.support.manifests import source

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


def after(message: str | None, code: int = 0, reason: str = "Completed", **restic: Any) -> FakeCluster:  # noqa: ANN401
    cluster = FakeCluster(source({"manual": "once"}, **restic))
    cluster.settle()
    cluster.start_pod()
    cluster.end_pod(code, message, reason)
    cluster.settle()
    return cluster


def test_a_mover_killed_for_memory_is_out_of_memory() -> None:
    cluster = after("", 137, "OOMKilled")
    assert cluster.synchronizing()["reason"] == "OutOfMemory"
    assert "moverResources.limits.memory" in cluster.synchronizing()["message"]


def test_a_code_that_was_treated_as_success_is_kept() -> None:
    assert after(outcome(3), 0).condition("PartialBackup")
    assert after(outcome(12), 0).synchronizing()["reason"] == "WrongPassword"


def test_a_success_that_contradicts_the_exit_code_is_a_failure() -> None:
    cluster = after(outcome(0), 137)
    assert cluster.synchronizing()["reason"] == "NoOutcome"
    assert " 137 " in cluster.synchronizing()["message"]


@pytest.mark.parametrize(
    "message", [None, "", "{", "[" * 4000, "x" * 100_000, "null", '{"exitCode": [], "message": {}}']
)
def test_without_an_outcome_the_exit_code_decides(message: str | None) -> None:
    torn = message if message is not None else ""
    assert after(torn, 0).status["lastManualSync"] == "once"
    assert after(torn, 22).synchronizing()["reason"] == "Unreachable"
    assert after(torn, 99).synchronizing()["reason"] == "NoOutcome"


def test_a_field_of_the_wrong_type_is_ignored() -> None:
    hostile = {"id": "../x", "time": "soon", "files": -1, "bytes": 2**70, "new": True, "changed": 3}
    cluster = after(outcome(snapshot=hostile, pruned={"time": "2099-01-01T00:00:00Z"}, checked=7, operations={"a": []}))
    assert cluster.status["lastSnapshot"] == {"changed": 3}
    assert "restic" not in cluster.status


def test_a_long_message_with_control_characters_is_one_short_line() -> None:
    cluster = after(json.dumps({"exitCode": 22, "message": "no\nway\x1b[31m " + "é" * 2000}), 22)
    message = cluster.status["failure"]["message"]
    assert len(message) <= 1024
    assert message.startswith("no way [31m é")


def test_the_result_waits_for_a_pod_that_is_seen_to_end_after_its_job() -> None:
    cluster = FakeCluster(source({"manual": "once"}))
    cluster.settle()
    cluster.start_pod()
    job = cluster.job()
    assert job is not None
    cluster.finish_job(job, "Failed")
    assert cluster.step().writes == ()
    cluster.end_pod(12)
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "WrongPassword"


def test_the_result_waits_at_most_a_minute_for_a_missing_pod() -> None:
    cluster = FakeCluster(source({"manual": "once"}))
    cluster.settle()
    job = cluster.job()
    assert job is not None
    cluster.finish_job(job, "Failed")
    cluster.settle()
    assert not cluster.events
    cluster.later(minutes=1)
    cluster.settle()
    assert [event.reason for event in cluster.events] == ["NoOutcome"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda x: st.lists(x, max_size=3), max_leaves=4
)


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
