"""The plan: which steps a run takes, decided before it begins."""

import re

import pytest

from mover.app import plan
from mover.config.operation import Operation
from mover.operations.step import Step, When
from tests.support.settings_samples import settings

BACKUP, PRUNE, UNLOCK = Step(Operation.BACKUP), Step(Operation.PRUNE), Step(Operation.UNLOCK)
PRUNE_IF_DUE, CHECK_IF_DUE = Step(Operation.PRUNE, When.DUE), Step(Operation.CHECK, When.DUE)


def steps(operations: str, **environment: str) -> list[Step]:
    # As the command line hands them over: a tuple.
    return list(plan.make(tuple(operations.split()), settings(**environment)))


def words_in(problem: str) -> set[str]:
    return set(re.findall(r"\w+", problem))


def forget(prune: When | None = None) -> Step:
    return Step(Operation.FORGET, prune=prune)


def test_operations_keep_the_order_of_the_command_line() -> None:
    assert steps("unlock backup prune restore") == [UNLOCK, BACKUP, PRUNE, Step(Operation.RESTORE)]


def test_a_backup_is_followed_by_forget_if_there_is_a_policy() -> None:
    assert steps("backup", RETAIN_LAST="1") == [BACKUP, forget()]
    assert steps("backup", FORGET_OPTIONS="-l 1") == [BACKUP, forget()]


def test_a_backup_is_followed_by_prune_and_check_if_intervals_are_set() -> None:
    found = steps("backup", PRUNE_INTERVAL_DAYS="0", CHECK_INTERVAL_DAYS="7")
    assert found == [BACKUP, PRUNE_IF_DUE, CHECK_IF_DUE]


def test_a_prune_that_is_due_is_done_by_forget() -> None:
    assert steps("backup", RETAIN_LAST="1", PRUNE_INTERVAL_DAYS="7") == [BACKUP, forget(When.DUE), PRUNE_IF_DUE]


def test_a_prune_that_is_named_next_is_done_by_forget() -> None:
    assert steps("backup prune", RETAIN_LAST="1") == [BACKUP, forget(When.ALWAYS), PRUNE]


def test_a_prune_stays_behind_an_operation_that_is_named_before_it() -> None:
    assert steps("backup unlock prune", RETAIN_LAST="1") == [BACKUP, forget(), UNLOCK, PRUNE]


def test_an_operation_on_the_command_line_is_not_also_run_by_interval() -> None:
    found = steps("backup prune check", PRUNE_INTERVAL_DAYS="0", CHECK_INTERVAL_DAYS="0")
    assert found == [BACKUP, PRUNE, Step(Operation.CHECK)]


@pytest.mark.parametrize("operation", ["restore", "unlock", "prune"])
def test_without_a_backup_there_is_no_maintenance(operation: str) -> None:
    found = steps(operation, RETAIN_LAST="1", PRUNE_INTERVAL_DAYS="0", CHECK_INTERVAL_DAYS="0")
    assert found == [Step(Operation(operation))]


def test_each_operation_is_a_command() -> None:
    assert plan.problems(["backup", "prune", "restore", "unlock", "check"]) == []


def test_an_unknown_command_is_rejected() -> None:
    found = plan.problems(["backup", "forget", "x" * 1000])
    assert len(found) == 2
    assert {"forget", "backup", "prune", "check", "restore", "unlock"} <= words_in(found[0])
    assert len(found[1]) < 200


def test_an_operation_that_is_named_twice_is_rejected() -> None:
    (problem,) = plan.problems(["backup", "prune", "backup"])
    assert problem.startswith("backup: ")
    assert "2" in words_in(problem)


@pytest.mark.parametrize(("word", "nearest"), [("bakcup", "backup"), ("snapshot", "snapshots"), ("prunes", "prune")])
def test_the_nearest_command_is_suggested(word: str, nearest: str) -> None:
    (problem,) = plan.problems([word], ["snapshots", "status"])
    assert re.findall(r"'(\w+)'", problem) == [word, nearest]
