"""The plan: which steps a run takes, decided before it begins."""

import pytest

from mover.app import plan
from mover.app.plan import Step, When
from mover.config.operation import Operation
from tests.settings_samples import settings

BACKUP, PRUNE, UNLOCK = Step(Operation.BACKUP), Step(Operation.PRUNE), Step(Operation.UNLOCK)
PRUNE_IF_DUE, CHECK_IF_DUE = Step(Operation.PRUNE, When.DUE), Step(Operation.CHECK, When.DUE)


def steps(operations: str, **environment: str) -> list[Step]:
    # As the command line hands them over: a tuple.
    return list(plan.make(tuple(operations.split()), settings(**environment)))


def forget(prune: When | None = None) -> Step:
    return Step(Operation.FORGET, prune=prune)


class TestThePlan:
    def test_follows_the_order_that_was_asked_for(self) -> None:
        assert steps("unlock backup prune restore") == [UNLOCK, BACKUP, PRUNE, Step(Operation.RESTORE)]

    def test_forgets_after_a_backup_where_there_is_a_policy(self) -> None:
        assert steps("backup", RETAIN_LAST="1") == [BACKUP, forget()]
        assert steps("backup", FORGET_OPTIONS="-l 1") == [BACKUP, forget()]

    def test_prunes_and_checks_after_a_backup_where_there_are_intervals(self) -> None:
        found = steps("backup", PRUNE_INTERVAL_DAYS="0", CHECK_INTERVAL_DAYS="7")
        assert found == [BACKUP, PRUNE_IF_DUE, CHECK_IF_DUE]

    def test_lets_forget_do_a_prune_that_is_due(self) -> None:
        assert steps("backup", RETAIN_LAST="1", PRUNE_INTERVAL_DAYS="7") == [BACKUP, forget(When.DUE), PRUNE_IF_DUE]

    def test_lets_forget_do_a_prune_that_is_asked_for_next(self) -> None:
        assert steps("backup prune", RETAIN_LAST="1") == [BACKUP, forget(When.ASKED), PRUNE]

    def test_does_not_move_a_prune_before_what_comes_between(self) -> None:
        assert steps("backup unlock prune", RETAIN_LAST="1") == [BACKUP, forget(), UNLOCK, PRUNE]

    def test_does_nothing_by_interval_that_is_asked_for_anyway(self) -> None:
        found = steps("backup prune check", PRUNE_INTERVAL_DAYS="0", CHECK_INTERVAL_DAYS="0")
        assert found == [BACKUP, PRUNE, Step(Operation.CHECK)]

    @pytest.mark.parametrize("operation", ["restore", "unlock", "prune"])
    def test_takes_care_of_nothing_without_a_backup(self, operation: str) -> None:
        found = steps(operation, RETAIN_LAST="1", PRUNE_INTERVAL_DAYS="0", CHECK_INTERVAL_DAYS="0")
        assert found == [Step(Operation(operation))]


class TestTheCommandLine:
    def test_may_name_each_operation(self) -> None:
        assert plan.problems(["backup", "prune", "restore", "unlock", "check"]) == []

    def test_must_not_name_others(self) -> None:
        found = plan.problems(["backup", "forget", "x" * 1000])
        assert len(found) == 2
        assert found[0] == ("unknown operation 'forget': it should be one of backup, prune, check, restore, unlock")
        assert len(found[1]) < 200

    def test_must_not_name_one_twice(self) -> None:
        assert plan.problems(["backup", "prune", "backup"]) == ["operation backup is named 2 times: name it once"]
