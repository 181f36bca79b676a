"""The log stream, where it breaks before the run ends."""

import json
import os
import pty
import subprocess
from collections.abc import Callable

import pytest

from tests.support.mover_process import SECONDS, Mover


def a_pipe_nobody_reads() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def a_full_disk() -> int:
    return os.open("/dev/full", os.O_WRONLY)


def a_terminal_that_was_closed() -> int:
    user, terminal = pty.openpty()
    os.close(user)
    return terminal


@pytest.mark.parametrize("stream", [a_pipe_nobody_reads, a_full_disk, a_terminal_that_was_closed])
@pytest.mark.parametrize("log_format", ["json", "text"])
def test_a_backup_succeeds_even_if_its_log_cannot_be_written(
    mover: Mover, log_format: str, stream: Callable[[], int]
) -> None:
    handle = stream()
    try:
        done = subprocess.run(
            mover.command("backup"),
            env=mover.environment(LOG_FORMAT=log_format),
            cwd=mover.folder,
            stdout=handle,
            stderr=subprocess.PIPE,
            timeout=SECONDS,
            check=False,
        )
    finally:
        os.close(handle)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(mover.termination_log.read_text())["outcome"] == "done"
    assert mover.count() == 1
