"""The pages on the controller name every condition and every way to fail."""

import re
from pathlib import Path

import pytest

from mover.controller.api.conditions import Reason, Type, reason_of
from mover.controller.reconcile.sync_times import NON_RETRYABLE
from mover.exit_codes import ExitCode

DOCS = Path(__file__).parents[3] / "docs" / "controller"
CONDITIONS = (DOCS / "conditions.md").read_text()
TROUBLESHOOTING = (DOCS / "troubleshooting.md").read_text()

COUNTED = {ExitCode.DONE, ExitCode.PARTIAL, ExitCode.MAINTENANCE_FAILED}


@pytest.mark.parametrize("name", [*Type, *Reason], ids=str)
def test_every_type_and_reason_of_a_condition_is_explained(name: str) -> None:
    assert f"`{name}`" in CONDITIONS


@pytest.mark.parametrize("code", sorted(set(ExitCode) - COUNTED), ids=str)
def test_the_reason_of_every_failing_exit_code_is_explained(code: ExitCode) -> None:
    assert f"`{reason_of(code)}`" in CONDITIONS


@pytest.mark.parametrize("code", sorted(set(ExitCode) - COUNTED - {ExitCode.INTERRUPTED}), ids=str)
def test_troubleshooting_has_the_retry_delay_of_every_failing_exit_code(code: ExitCode) -> None:
    assert (next_attempt(code) == next_attempt(ExitCode.USAGE)) == (code in NON_RETRYABLE)


def next_attempt(code: ExitCode) -> str:
    """Return the last column of the row of an exit code."""
    (cell,) = re.findall(rf"^\| {int(code)} \| `{reason_of(code)}` \|.*\| (.*) \|$", TROUBLESHOOTING, re.MULTILINE)
    return str(cell)
