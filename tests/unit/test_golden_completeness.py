"""The golden files have every exit code, every condition, and every reason for a warning."""

import pytest

from mover.controller.api.conditions import Reason, Type, reason_of
from mover.exit_codes import ExitCode
from mover.warning_reasons import WarningReason
from tests.support.golden import all_pages

RUNS = {int(code): f"exit code {int(code)} ({code.outcome})" for code in ExitCode}
NOT_SHOWN = {WarningReason.CACHE_NOT_LOCKED, WarningReason.SPACE_UNKNOWN}
"""What only file systems cause that no test can mount: without locks, or that do not report their size."""


@pytest.mark.parametrize("shown", RUNS.values())
def test_every_exit_code_is_shown_by_a_run(shown: str) -> None:
    assert shown in all_pages()


@pytest.mark.parametrize("code", [code for code in ExitCode if not code.continues_chain], ids=str)
def test_every_failure_is_shown_as_a_condition(code: ExitCode) -> None:
    assert f"condition: Synchronizing False {reason_of(code)}: " in all_pages()


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_of_a_condition_is_shown(reason: Reason) -> None:
    assert f" {reason}: " in all_pages()


@pytest.mark.parametrize("type_", Type)
def test_every_type_of_condition_is_shown(type_: Type) -> None:
    assert f"condition: {type_} True " in all_pages()


@pytest.mark.parametrize("reason", sorted(set(WarningReason) - NOT_SHOWN))
def test_every_reason_for_a_warning_is_shown(reason: WarningReason) -> None:
    assert f"WARNING ({reason}): " in all_pages()
