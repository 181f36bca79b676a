"""Writing to the stream on which a run is told, which may end before the run does.

A pipe whose reader has gone, a full disk, a terminal that was closed: none of them is a reason to fail. How the run
ended is in its exit code and in the termination log as well.
"""

import contextlib
import os
from typing import TextIO


def write(stream: TextIO, text: str) -> None:
    """Write at once; where that fails, this and all that follows goes nowhere."""
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        silence(stream)


def silence(stream: TextIO) -> None:
    """Let everything that is still to be written go nowhere, also what Python itself flushes at its end."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
