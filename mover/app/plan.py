"""What a run will do: decided once, at its start, from the command line and the settings."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mover.config.operation import ASKABLE, Operation
from mover.config.settings import Settings


class When(StrEnum):
    """Whether a step is done in any case, or only where its interval has passed."""

    ASKED = "asked"
    DUE = "due"


@dataclass(frozen=True)
class Step:
    """One step of a run."""

    operation: Operation
    when: When = When.ASKED
    prune: When | None = None
    """Of a forget: the prune that follows it, which restic can do in the same process."""


Plan = tuple[Step, ...]


def problems(names: Sequence[str]) -> list[str]:
    """Say what is wrong with the operations that were asked for."""
    known = ", ".join(ASKABLE)
    wrong = [f"unknown operation {name[:60]!r}: it should be one of {known}" for name in names if name not in ASKABLE]
    twice = [f"operation {name} is named {n} times: name it once" for name, n in Counter(names).items() if n > 1]
    return wrong + [problem for problem in twice if not wrong]


def make(names: Sequence[str], settings: Settings) -> Plan:
    """Plan the steps of the operations, in their order, each backup followed by the upkeep it brings along."""
    steps: list[Step] = []
    for position, name in enumerate(names):
        operation = Operation(name)
        steps.append(Step(operation))
        if operation is Operation.BACKUP:
            steps += _upkeep(names[position + 1 :], settings)
    return tuple(steps)


def _upkeep(later: Sequence[str], settings: Settings) -> list[Step]:
    """What comes after a backup. What is asked for later on is not done by interval as well."""
    prune = When.DUE if settings.prune_interval is not None and Operation.PRUNE not in later else None
    check = When.DUE if settings.check.interval is not None and Operation.CHECK not in later else None
    steps = []
    if settings.retention:
        asked_next = When.ASKED if later and later[0] == Operation.PRUNE else None
        steps.append(Step(Operation.FORGET, prune=prune or asked_next))
    if prune:
        steps.append(Step(Operation.PRUNE, When.DUE))
    if check:
        steps.append(Step(Operation.CHECK, When.DUE))
    return steps
