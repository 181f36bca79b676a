"""One step of a plan: an operation, and whether it always runs or only when it is due."""

from enum import StrEnum
from typing import NamedTuple

from mover.config.operation import Operation


class When(StrEnum):
    """Whether a step is done in any case, or only if its interval has passed."""

    ALWAYS = "always"
    DUE = "due"


class Step(NamedTuple):
    """One step of a run."""

    operation: Operation
    when: When = When.ALWAYS
    prune: When | None = None
    """The prune that follows a forget, which restic can do in the same process."""
