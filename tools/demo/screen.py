"""What the demo shows: steps, the commands as one would type them, and their own output beneath."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tools.demo.failure import DemoError

BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


class Screen:
    """Writes to stdout, in bold and dim if that is a terminal which wants it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._steps = 0
        self._styled = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def step(self, title: str, explanation: str) -> None:
        """Begin a step: its title and one line on what it is for."""
        self._steps += 1
        self.say("")
        self.say(self._style(BOLD, f"{self._steps}. {title}"))
        self.say(self._style(DIM, explanation))

    def say(self, text: str) -> None:
        """Write a line at once: the next may come from another process."""
        print(text, flush=True)

    def typed(self, command: str) -> None:
        """Show a command as it is typed."""
        self.say(self._style(BOLD, f"$ {command}"))

    def export(self, variables: Mapping[str, str], shown: Mapping[str, str] | None = None) -> None:
        """Set variables for all commands that follow; they may be shown with other values."""
        self._environment |= variables
        self.typed("export " + _assignments(variables if shown is None else shown).strip())

    def mover(self, *arguments: str, **variables: str) -> int:
        """Run the mover with variables set for this one command; return its exit code."""
        self.typed(f"{_assignments(variables)}mover {shlex.join(arguments)}")
        return self._run(["mover", *arguments], {**self._environment, **variables})

    def must(self, *arguments: str, **variables: str) -> None:
        """Run the mover; the demo cannot go on if it fails.

        Raises:
            DemoError: it failed; what went wrong is on the screen already.
        """
        code = self.mover(*arguments, **variables)
        if code:
            raise DemoError(f"mover ended with exit code {code}; see docs/exit-codes.md", code)

    def _run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        try:
            process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
        except OSError as error:
            raise DemoError(f"cannot run {command[0]}: {error.strerror}; try `make clean demo`") from error
        try:
            return process.wait()
        except BaseException:
            # The mover stops restic, which removes its lock; that takes a moment.
            process.terminate()
            process.wait()
            raise

    def _style(self, style: str, text: str) -> str:
        return f"{style}{text}{PLAIN}" if self._styled else text


def _assignments(variables: Mapping[str, str]) -> str:
    return "".join(f"{name}={shlex.quote(value)} " for name, value in variables.items())
