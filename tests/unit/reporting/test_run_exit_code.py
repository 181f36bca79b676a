"""The exit code of a run: weighed after a saved backup, and treated as success where the caller says so."""

import pytest

from mover.config.operation import Operation
from mover.exit_codes import ExitCode
from mover.reporting.run_exit_code import of_operation, of_process

MAINTENANCE = [operation for operation in Operation if operation.is_maintenance]


@pytest.mark.parametrize("operation", MAINTENANCE)
def test_maintenance_that_fails_after_a_saved_backup_is_maintenance_failed(operation: Operation) -> None:
    assert of_operation(operation, ExitCode.LOCKED, backup_saved=True) is ExitCode.MAINTENANCE_FAILED


@pytest.mark.parametrize("operation", MAINTENANCE)
def test_maintenance_that_fails_without_a_backup_keeps_its_code(operation: Operation) -> None:
    assert of_operation(operation, ExitCode.LOCKED, backup_saved=False) is ExitCode.LOCKED


@pytest.mark.parametrize("code", [ExitCode.TERMINATED, ExitCode.INTERRUPTED, ExitCode.DONE])
def test_the_codes_of_a_stop_and_of_success_are_kept_after_a_saved_backup(code: ExitCode) -> None:
    assert of_operation(Operation.PRUNE, code, backup_saved=True) is code


def test_a_failure_of_another_operation_keeps_its_code_after_a_saved_backup() -> None:
    assert of_operation(Operation.UNLOCK, ExitCode.LOCKED, backup_saved=True) is ExitCode.LOCKED


def test_the_process_exits_with_0_for_codes_treated_as_success() -> None:
    assert of_process(ExitCode.PARTIAL, {3, 20}) == 0
    assert of_process(ExitCode.LOCKED, {3, 20}) == 11
