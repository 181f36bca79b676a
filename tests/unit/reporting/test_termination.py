"""The outcome object in the 4096 bytes of a termination message."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from mover.config.operation import Operation
from mover.exit_codes import ExitCode, Failure
from mover.platform.termination_log import LARGEST_BYTES
from mover.reporting.operation_result import OperationResult, SavedSnapshot
from mover.reporting.outcome import FinishedOperation, Outcome
from mover.reporting.termination import fit
from mover.restic.parsers import FailedFiles

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SNAPSHOT = SavedSnapshot("f" * 64, NOW, 10**9, 10**15, 10**9, 10**9, 10**15, complete=False)
ANYTHING = st.text(max_size=500) | st.sampled_from(["🗄" * 500, '"\\' * 500, "\udcff" * 500])


def outcome_of(unreadable: list[str], *, snapshot: SavedSnapshot | None = None, number: int = 1) -> Outcome:
    failed = FailedFiles()
    for name in unreadable:
        failed.add(name)
    result = OperationResult(Operation.BACKUP, ExitCode.DONE, "DONE", snapshot=snapshot, unreadable=failed)
    return Outcome(operations=[FinishedOperation(result, seconds=1.0)] * number)


def test_an_object_that_fits_is_not_shortened() -> None:
    outcome = outcome_of(["name" * 100])
    whole = outcome.as_dict(NOW)
    assert json.loads(fit(outcome.as_dict(NOW))) == whole


def test_file_names_are_shortened_first() -> None:
    outcome = outcome_of(["n" * 200] * 5)
    outcome.warnings = ["w" * 600] * 5
    fitted = json.loads(fit(outcome.as_dict(NOW)))
    assert all(len(name) == 80 for name in fitted["unreadable"]["files"])
    assert fitted["warnings"] == outcome.warnings


def test_warnings_are_shortened_before_the_message() -> None:
    outcome = Outcome(warnings=["w" * 5000] * 5, problem=Failure(ExitCode.FAULT, "m" * 2000))
    fitted = json.loads(fit(outcome.as_dict(NOW)))
    assert fitted["message"] == "m" * 2000
    assert fitted["unreadable"] == {"count": 0, "files": []}


@given(message=ANYTHING, warnings=st.lists(ANYTHING, max_size=7), files=st.lists(ANYTHING, max_size=7))
def test_outcome_and_snapshot_are_never_shortened(message: str, warnings: list[str], files: list[str]) -> None:
    outcome = outcome_of(files, snapshot=SNAPSHOT, number=8)
    outcome.problem, outcome.warnings = Failure(ExitCode.PARTIAL, message), warnings
    text = fit(outcome.as_dict(NOW))
    assert len(text.encode()) <= LARGEST_BYTES
    fitted = json.loads(text)
    assert fitted["snapshot"]["id"] == SNAPSHOT.id
    assert (fitted["outcome"], fitted["exitCode"], fitted["unreadable"]["count"]) == ("partial", 3, len(files))
    assert "\n" not in text
