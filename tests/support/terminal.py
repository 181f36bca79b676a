"""A terminal somebody watches a program on."""

import os
import pty
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from fcntl import ioctl
from pathlib import Path
from struct import pack
from termios import TIOCSWINSZ

from tests.support.mover_process import SECONDS


class Terminal:
    """A terminal for one program."""

    def __init__(self, columns: int) -> None:
        self._ours, self._theirs = pty.openpty()
        ioctl(self._theirs, TIOCSWINSZ, pack("HHHH", 24, columns, 0, 0))

    def run(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> tuple[int, str]:
        """Run a program in a folder; return its exit code, and everything that was written to the terminal."""
        with subprocess.Popen(
            command, env=environment, cwd=folder, stdin=self._theirs, stdout=self._theirs, stderr=self._theirs
        ) as process:
            os.close(self._theirs)
            shown = b"".join(self._read())
            return process.wait(SECONDS), shown.decode()

    def _read(self) -> Iterator[bytes]:
        """Read until nobody has the terminal open any more, which Linux reports as an error."""
        with open(self._ours, "rb", buffering=0) as ours:  # noqa: PTH123  an open file has no path
            try:
                while chunk := ours.read(65536):
                    yield chunk
            except OSError:
                return
