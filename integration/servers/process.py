"""A server process: started, waited for, always stopped."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.05
TAIL_CHARACTERS = 2000


class ServerError(Exception):
    """A server didn't come up; the message holds its last output."""


@contextmanager
def running(  # noqa: PLR0913 - all but the first are named
    command: Sequence[str | Path],
    *,
    ready: Callable[[], bool],
    log: Path,
    environment: Mapping[str, str] | None = None,
    within: float = START_SECONDS,
    stopped_by: int = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, from when `ready()` says yes until the block ends.

    `environment` is added to this process's own; the output goes to the file `log`.
    Raises ServerError at once if the process ends, or after `within` seconds.
    `stopped_by` is the signal that ends it in order.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*_dying_with_parent(), *command],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C is for the test run, which then stops the server in order
        )
    try:
        _wait_until(ready, process, log, within)
        yield process
    finally:
        stop(process, stopped_by)


def stop(process: subprocess.Popen[bytes], asked_by: int = signal.SIGTERM) -> None:
    """End a process: asked first, by a signal, killed if it doesn't go within STOP_SECONDS."""
    process.send_signal(asked_by)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)


def _dying_with_parent() -> list[str]:
    """Return a prefix that ends the server if even the test process is killed outright."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, within: float) -> None:
    deadline = time.monotonic() + within
    while not ready():
        try:
            code = process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        if code is not None:
            raise ServerError(f"{process.args!r} ended with {code}: {_tail(log)}")
        if time.monotonic() > deadline:
            raise ServerError(f"{process.args!r} isn't ready after {within:g} s: {_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-TAIL_CHARACTERS:].strip() or "no output"
