"""Start dockerd under a keeper, and wait for it.

The keeper is a process of its own, so that what dockerd leaves on the machine is removed also if this one is killed.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tools.install import FetchError, UnavailableError
from tools.offline.engine import keeper
from tools.offline.engine.programs import Programs

START_SECONDS = 60.0
POLL_SECONDS = 0.1
LOCK_SECONDS = 900.0
"""Another test run in this checkout holds the engine's folder for as long as it lasts."""
ROOT = Path(__file__).parents[3]


@contextmanager
def running(programs: Programs, folder: Path) -> Iterator[str]:
    """Run dockerd on the images kept in `folder`, and yield its address. Raises FetchError if it does not start."""
    with ExitStack() as stack:
        lock = stack.enter_context(_locked(folder / "lock"))
        # Sockets need short paths. The keeper removes it.
        scratch = Path(tempfile.mkdtemp(prefix="engine-"))
        process = subprocess.Popen(
            [sys.executable, "-m", keeper.__package__ or "", folder, scratch],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=[lock],  # the folder is in use until the keeper has ended
        )
        stack.callback(process.communicate)  # closes its stdin, and waits
        host = keeper.address(scratch)
        _wait(programs, host, process, folder / keeper.LOG)
        keeper.clear(programs, host)
        yield host


@contextmanager
def _locked(file: Path) -> Iterator[int]:
    with file.open("w") as lock:
        deadline = time.monotonic() + LOCK_SECONDS
        if not _lock(lock.fileno()):
            print(f"waiting for another process that uses {file.parent}", file=sys.stderr)
        while not _lock(lock.fileno()):
            if time.monotonic() > deadline:
                raise FetchError(f"{file} is locked by another process for {LOCK_SECONDS:.0f} s")
            time.sleep(1)
        yield lock.fileno()


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(programs: Programs, host: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not keeper.responds(programs, host):
        if process.poll() is not None or time.monotonic() > deadline:
            last = (log.read_text(errors="replace").strip() or "no output").splitlines()[-1]
            raise FetchError(f"dockerd does not start: {last}")
        time.sleep(POLL_SECONDS)


def require_means() -> None:
    """Raise UnavailableError, before anything is fetched, if dockerd cannot be run."""
    if os.geteuid() != 0:
        raise UnavailableError("not root")
    if any(Path("/sys/class/net/docker0/brif").glob("*")):
        raise UnavailableError("another engine has containers on docker0, but does not respond at DOCKER_HOST")
    for name in keeper.HELPERS:
        if not shutil.which(name):
            raise UnavailableError(f"{name} is not installed")
