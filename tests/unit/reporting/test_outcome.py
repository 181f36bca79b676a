"""The outcome object: exit codes of chains, and its 4096 bytes."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mover.exit_codes import ExitCode, Failure
from mover.reporting.outcome import LARGEST, OperationOutcome, Outcome, SavedSnapshot, fit

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SNAPSHOT = SavedSnapshot("f" * 64, NOW, 10**9, 10**15, 10**9, 10**9, 10**15, complete=False)


def outcome_of(*codes: ExitCode) -> Outcome:
    return Outcome(operations=[OperationOutcome(f"step {n}", code, message=code.name) for n, code in enumerate(codes)])


class TestTheExitCode:
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
    def test_is_the_first_failure_s_but_partial_before_maintenance_and_a_stop_before_all(
        self, codes: list[ExitCode], expected: ExitCode
    ) -> None:
        outcome = outcome_of(*codes)
        assert outcome.code is expected
        assert expected is ExitCode.DONE or outcome.message == expected.name

    def test_is_that_of_a_problem_outside_of_the_operations(self) -> None:
        outcome = Outcome(problem=Failure(ExitCode.USAGE, "wrong"))
        assert (outcome.code, outcome.message) == (ExitCode.USAGE, "wrong")

    def test_has_the_names_of_the_contract(self) -> None:
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


class TestTheMessage:
    def test_sums_up_what_was_done(self) -> None:
        outcome = outcome_of(ExitCode.DONE, ExitCode.DONE)
        outcome.operations[0].message, outcome.operations[1].message = "saved", "pruned"
        assert outcome.message == "saved; pruned"

    def test_says_so_where_nothing_was(self) -> None:
        assert Outcome().message == "There was nothing to do."


class TestFittingIntoTheTerminationMessage:
    def test_cuts_nothing_that_fits(self) -> None:
        outcome = outcome_of(ExitCode.DONE)
        outcome.unreadable.add("name" * 100)
        whole = outcome.as_dict(NOW)
        assert json.loads(fit(outcome.as_dict(NOW))) == whole

    def test_cuts_file_names_first(self) -> None:
        outcome = Outcome(warnings=["w" * 600] * 5)
        for _ in range(5):
            outcome.unreadable.add("n" * 200)
        fitted = json.loads(fit(outcome.as_dict(NOW)))
        assert all(len(name) == 80 for name in fitted["unreadable"]["files"])
        assert fitted["warnings"] == outcome.warnings

    def test_cuts_warnings_before_the_message(self) -> None:
        outcome = Outcome(warnings=["w" * 5000] * 5, problem=Failure(ExitCode.FAULT, "m" * 2000))
        fitted = json.loads(fit(outcome.as_dict(NOW)))
        assert fitted["message"] == "m" * 2000
        assert fitted["unreadable"] == {"count": 0, "files": []}

    def test_keeps_no_more_than_five_warnings(self) -> None:
        assert len(Outcome(warnings=list("1234567")).as_dict(NOW)["warnings"]) == 5

    anything = st.text(max_size=500) | st.sampled_from(["🗄" * 500, '"\\' * 500, "\udcff" * 500])

    @given(message=anything, warnings=st.lists(anything, max_size=7), files=st.lists(anything, max_size=7))
    def test_keeps_outcome_and_snapshot_whole_whatever_else_there_is(
        self, message: str, warnings: list[str], files: list[str]
    ) -> None:
        outcome = outcome_of(*[ExitCode.DONE] * 8)
        outcome.problem, outcome.warnings, outcome.snapshot = Failure(ExitCode.PARTIAL, message), warnings, SNAPSHOT
        for name in files:
            outcome.unreadable.add(name)
        text = fit(outcome.as_dict(NOW))
        assert len(text.encode()) <= LARGEST
        fitted = json.loads(text)
        assert fitted["snapshot"]["id"] == SNAPSHOT.id
        assert (fitted["outcome"], fitted["exitCode"], fitted["unreadable"]["count"]) == ("partial", 3, len(files))
        assert "\n" not in text
