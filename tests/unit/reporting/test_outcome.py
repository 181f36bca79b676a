"""The outcome of a run: its exit code, its message and its object."""

from datetime import UTC, datetime, timedelta

import pytest

from mover.config.operation import Operation
from mover.exit_codes import ExitCode, Failure
from mover.reporting.operation_result import OperationResult
from mover.reporting.outcome import FinishedOperation, Outcome
from mover.restic.parsers import FailedFiles

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def outcome_of(*results: OperationResult) -> Outcome:
    return Outcome(operations=[FinishedOperation(result, seconds=1.0) for result in results])


def outcome_with(*codes: ExitCode) -> Outcome:
    return outcome_of(*(OperationResult(Operation.BACKUP, code, message=code.name) for code in codes))


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], ExitCode.DONE),
        ([ExitCode.DONE, ExitCode.DONE], ExitCode.DONE),
        ([ExitCode.DONE, ExitCode.NO_SNAPSHOT], ExitCode.NO_SNAPSHOT),
        ([ExitCode.MAINTENANCE_FAILED, ExitCode.LOCKED], ExitCode.MAINTENANCE_FAILED),
        ([ExitCode.PARTIAL, ExitCode.MAINTENANCE_FAILED], ExitCode.PARTIAL),
        ([ExitCode.MAINTENANCE_FAILED, ExitCode.PARTIAL], ExitCode.PARTIAL),
        ([ExitCode.PARTIAL, ExitCode.TERMINATED], ExitCode.TERMINATED),
    ],
)
def test_the_exit_code_is_that_of_a_stop_then_partial_then_the_first_failure(
    codes: list[ExitCode], expected: ExitCode
) -> None:
    outcome = outcome_with(*codes)
    assert outcome.code is expected
    assert expected is ExitCode.DONE or outcome.message == expected.name


def test_the_exit_code_is_that_of_a_problem_outside_of_the_operations() -> None:
    outcome = Outcome(problem=Failure(ExitCode.USAGE, "wrong"))
    assert (outcome.code, outcome.message) == (ExitCode.USAGE, "wrong")


def test_the_outcome_of_each_exit_code_is_part_of_the_contract() -> None:
    assert {int(code): code.outcome for code in ExitCode} == {
        0: "done",
        1: "fault",
        2: "usage",
        3: "partial",
        10: "no-repository",
        11: "locked",
        12: "wrong-password",
        20: "maintenance-failed",
        21: "refused",
        22: "unreachable",
        23: "no-space",
        24: "damaged",
        25: "no-snapshot",
        26: "out-of-memory",
        130: "interrupted",
        143: "terminated",
    }


def test_the_message_joins_the_messages_of_the_operations() -> None:
    results = [OperationResult(Operation.BACKUP, ExitCode.DONE, message) for message in ("saved", "pruned")]
    assert outcome_of(*results).message == "saved; pruned"


def test_the_message_is_never_empty() -> None:
    assert Outcome().message


def test_each_fact_comes_from_the_last_operation_that_has_one() -> None:
    first = OperationResult(Operation.PRUNE, ExitCode.DONE, "", pruned=NOW)
    second = OperationResult(Operation.PRUNE, ExitCode.DONE, "", pruned=NOW + timedelta(hours=1))
    last = OperationResult(Operation.RESTORE, ExitCode.DONE, "", unreadable=FailedFiles(1, ["one"]))
    fields = outcome_of(first, second, last).as_dict(NOW)
    assert fields["pruned"] == {"time": "2026-01-31T13:00:00Z"}
    assert fields["unreadable"] == {"count": 1, "files": ["one"]}
    assert fields["checked"] is None


def test_the_outcome_object_has_at_most_five_warnings() -> None:
    assert len(Outcome(warnings=list("1234567")).as_dict(NOW)["warnings"]) == 5
