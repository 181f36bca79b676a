"""Writing to the log stream, which may break before the run ends.

A pipe whose reader has gone, a full disk, a terminal that was closed: none of them is a reason to fail. The result is
in the exit code and in the termination log as well.
"""

import contextlib
import os
from typing import TextIO


def write(stream: TextIO, text: str) -> None:
    """Write at once; if that fails, this and all that follows is discarded."""
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        discard(stream)


def discard(stream: TextIO) -> None:
    """Discard everything that is still to be written, also what Python itself flushes at its end."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
