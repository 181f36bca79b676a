"""The stream a run is told on, where it ends before the run does."""

import json
import os
import pty
import subprocess
from collections.abc import Callable

import pytest

from tests.mover_process import SECONDS, Mover


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
def test_a_backup_is_saved_and_is_no_failure_though_nobody_can_read_of_it(
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
