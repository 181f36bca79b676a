"""Whether something that a sync needs is there: ready, not ready yet, or blocked until a user acts.

One result type for all of preparing a sync: an obstacle is a value, and the caller decides what
follows from it.
"""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from mover.controller.api.conditions import Reason

Value = TypeVar("Value")


@dataclass(frozen=True)
class Ready(Generic[Value]):
    """It is there, or these are the next writes on the way to it (none: nothing is left to be done)."""

    value: Value


@dataclass(frozen=True)
class NotReady:
    """It was created and is not ready, or an older object is being deleted: this resolves by itself."""

    message: str
    problem: str = ""
    """What the object reports as an error, if anything: then it may never end."""
    is_snapshot: bool = False
    """A VolumeSnapshot: the only object whose readiness is not visible at the mover's pod."""

    @property
    def full_message(self) -> str:
        """The message with the problem."""
        return f"{self.message}: {self.problem}" if self.problem else self.message


@dataclass(frozen=True)
class Blocked:
    """A sync can't start until a user changes something; the message says what."""

    reason: Reason
    message: str


Readiness: TypeAlias = Ready[Value] | NotReady | Blocked
