"""Resource usage of one process and its children, as the kernel accounts for it."""

import os
import select
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_MILLISECONDS = 10
"""Between two reads of a process's peak memory. The peak only grows, so the last read has it."""


@dataclass(frozen=True)
class Measured:
    """Resource usage of a process that succeeded."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, including its children."""
    largest: int
    """Peak resident memory of it or its largest child, in bytes."""
    own: int
    """Peak resident memory of the process itself, in bytes."""
    output: str


def measured(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Measured:
    """Run a command and measure it.

    Raises:
        RuntimeError: the command failed, so its numbers would mean nothing.
    """
    with tempfile.TemporaryFile("w+") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        own = _watch(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {text[-2000:]}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, own, text)


def _watch(process: int) -> int:
    """Wait until a process ends, and return its peak resident memory in bytes."""
    handle = os.pidfd_open(process)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        peak = 0
        while not poll.poll(POLL_MILLISECONDS):
            peak = max(peak, _high_water_mark(process))
        return peak
    finally:
        os.close(handle)


def _high_water_mark(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    marks = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(marks[0]) * 1024 if marks else 0
