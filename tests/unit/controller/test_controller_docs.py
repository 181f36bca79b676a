"""The pages on the controller name every condition and every way to fail."""

import re
from pathlib import Path

import pytest

from mover.controller.api.conditions import Reason, Type, reason_of
from mover.controller.reconcile.triggers import HOPELESS
from mover.exit_codes import ExitCode

DOCS = Path(__file__).parents[3] / "docs" / "controller"
CONDITIONS = (DOCS / "conditions.md").read_text()
TROUBLESHOOTING = (DOCS / "troubleshooting.md").read_text()

COUNTED = {ExitCode.DONE, ExitCode.PARTIAL, ExitCode.MAINTENANCE_FAILED}


@pytest.mark.parametrize("name", [*Type, *Reason], ids=str)
def test_every_type_and_reason_of_a_condition_is_explained(name: str) -> None:
    assert f"`{name}`" in CONDITIONS


@pytest.mark.parametrize("code", sorted(set(ExitCode) - COUNTED), ids=str)
def test_every_way_to_fail_is_explained(code: ExitCode) -> None:
    assert f"`{reason_of(code)}`" in CONDITIONS


@pytest.mark.parametrize("code", sorted(set(ExitCode) - COUNTED - {ExitCode.INTERRUPTED}), ids=str)
def test_troubleshooting_says_when_it_is_tried_again(code: ExitCode) -> None:
    (row,) = re.findall(rf"^\| {int(code)} \| `{reason_of(code)}` \|.*$", TROUBLESHOOTING, re.MULTILINE)
    assert ("once an hour" in row) == (code in HOPELESS)
