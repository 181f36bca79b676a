"""The result of a restic process: exit code, cost, and the last lines that explain its end.

Only the last lines are kept, since restic may print a line for each of millions of files.
"""

import contextlib
from collections import deque
from dataclasses import dataclass, field

from mover.exit_codes import Failure
from mover.restic.messages import ExitError, Message, Text
from mover.restic.phrases import is_stack_frame

TAIL_LINES = 40
TAIL_LINE_CHARACTERS = 2000
"""Length limit of each of the last lines."""


@dataclass
class ProcessResult:
    """A restic process that has ended."""

    command: str
    """Its first argument, such as ``backup``."""
    prunes: bool = field(default=False, kw_only=True)
    """Whether it removes data (``Command.prunes``)."""
    exit_code: int = 0
    """Negative if a signal killed it."""
    peak_rss: int = 0
    """Bytes."""
    fatal: str = ""
    """The message of restic's ``exit_error``."""
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=TAIL_LINES))
    """The last lines of plain text."""
    failure: Failure | None = None
    """What its end means, once that has been classified."""

    def handle(self, message: Message) -> None:
        """Keep what explains the end."""
        match message:
            case Text(line) if is_stack_frame(line):
                self._drop_function_name()
            case Text(line):
                self.tail.append(line[:TAIL_LINE_CHARACTERS])
            case ExitError():
                self.fatal = message.message[:TAIL_LINE_CHARACTERS]

    def _drop_function_name(self) -> None:
        """Forget the line before a stack frame: it names the function."""
        with contextlib.suppress(IndexError):
            self.tail.pop()

    @property
    def text(self) -> str:
        """Return all that is known of why it ended, the fatal error last."""
        return "\n".join([*self.tail, *([self.fatal] if self.fatal else [])])
