"""What a run will do: decided once, at its start, from the command line and the settings.

Whether prune and check are due is decided only when they would run (``operations/intervals.py``), because the
repository may have to be read.
"""

from collections import Counter
from collections.abc import Sequence

from mover.config.field_reader import LONGEST_SHOWN
from mover.config.operation import COMMANDS, Operation
from mover.config.settings import Settings
from mover.operations.step import Step, When

Plan = tuple[Step, ...]


def problems(words: Sequence[str], subcommands: Sequence[str] = ()) -> list[str]:
    """Return a message for each invalid operation name; ``subcommands`` are the other commands."""
    wrong = [_problem(word, subcommands) for word in words if word not in COMMANDS]
    repeated = [f"{name}: named {n} times; name it once" for name, n in Counter(words).items() if n > 1]
    return wrong or repeated


def make(names: Sequence[str], settings: Settings) -> Plan:
    """Plan the steps of the operations, in their order, each backup followed by its maintenance."""
    steps: list[Step] = []
    for position, name in enumerate(names):
        operation = Operation(name)
        steps.append(Step(operation))
        if operation is Operation.BACKUP:
            steps += _maintenance(names[position + 1 :], settings)
    return tuple(steps)


def _problem(word: str, subcommands: Sequence[str]) -> str:
    if word.startswith("-"):
        option = word.partition("=")[0]  # its value may be a secret
        return f"unknown option {option[:LONGEST_SHOWN]!r}; see `mover --help`"
    if word in subcommands:
        return f"command {word!r} cannot be run together with operations; run it on its own"
    # Loaded late: not needed for a valid command line.
    from difflib import get_close_matches  # noqa: PLC0415

    known = [*COMMANDS, *subcommands]
    nearest = get_close_matches(word[:LONGEST_SHOWN], known, n=1)
    advice = f"did you mean {str(nearest[0])!r}?" if nearest else f"expected one of {', '.join(known)}"
    return f"unknown command {word[:LONGEST_SHOWN]!r}; {advice}"


def _maintenance(later: Sequence[str], settings: Settings) -> list[Step]:
    """Return the steps after a backup. An operation named later on the command line is not also run by interval."""
    prune = When.DUE if settings.prune_interval is not None and Operation.PRUNE not in later else None
    check = When.DUE if settings.check.interval is not None and Operation.CHECK not in later else None
    steps = []
    if settings.retention:
        asked_next = When.ALWAYS if later and later[0] == Operation.PRUNE else None
        steps.append(Step(Operation.FORGET, prune=prune or asked_next))
    if prune:
        steps.append(Step(Operation.PRUNE, When.DUE))
    if check:
        steps.append(Step(Operation.CHECK, When.DUE))
    return steps
