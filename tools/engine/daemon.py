"""A dockerd of our own: a mount and a pid namespace hold it and its containers, which end with it in any case."""

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

from tools.engine.programs import Programs
from tools.install import FetchError

START_SECONDS = 60.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.1
KEPT = "168h"
"""How long layers without a name are kept, for the next build to begin with."""
LOCK_SECONDS = 900.0
"""Another test run in this checkout holds the engine's folder for as long as it lasts."""

NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
DYING_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
OWN_NETWORK_ONLY = (
    # No bridge, address or firewall rule of this machine's is touched: containers meet on networks of their own.
    *("--bridge", "none", "--iptables=false", "--ip6tables=false", "--ip-masq=false", "--ip-forward=false"),
    *("--ip", "127.0.0.1"),  # where the ports are that they publish
)


@contextmanager
def running(programs: Programs, folder: Path) -> Iterator[str]:
    """Run it on the images kept in `folder`, and yield its address. Raises FetchError where it doesn't start."""
    with ExitStack() as stack:
        stack.enter_context(_alone(folder / "lock"))
        # Sockets need short paths.
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="engine-", ignore_cleanup_errors=True)))
        log = stack.enter_context((folder / "dockerd.log").open("wb"))
        host = f"unix://{scratch}/docker.sock"
        process = subprocess.Popen(
            _command(programs, folder, scratch, host),
            env={**os.environ, **programs.environment()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        stack.callback(_stop, process)
        _wait(programs, host, process, folder / "dockerd.log")
        _clear(programs, host)
        yield host
        _clear(programs, host)


def _command(programs: Programs, folder: Path, scratch: Path, host: str) -> list[str]:
    places = ("--data-root", f"{folder}/data", "--exec-root", f"{scratch}/exec", "--pidfile", f"{scratch}/pid")
    groups = ("--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", f"/{scratch.name}")
    dockerd = (programs.path("dockerd"), "--host", host, *places, *groups, *OWN_NETWORK_ONLY)
    return [*DYING_WITH_PARENT, *NAMESPACES, *dockerd]


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        deadline = time.monotonic() + LOCK_SECONDS
        told = False
        while not _locked(lock.fileno()):
            if not told:
                print(f"waiting for the one who holds {file}", file=sys.stderr)
                told = True
            if time.monotonic() > deadline:
                raise FetchError(f"someone else holds {file}, for {LOCK_SECONDS:g} s now")
            time.sleep(1)
        yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(programs: Programs, host: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(programs, host):
        if process.poll() is not None or time.monotonic() > deadline:
            last = (log.read_text(errors="replace").strip() or "no output").splitlines()[-1]
            raise FetchError(f"dockerd doesn't start: {last}")
        time.sleep(POLL_SECONDS)


def answers(programs: Programs, host: str) -> bool:
    """Say whether an engine answers at `host`."""
    try:
        programs.run("docker", "version", host=host)
    except FetchError:
        return False
    return True


def _clear(programs: Programs, host: str) -> None:
    """Remove containers, networks, volumes, and what builds left long ago: images are kept for the next time."""
    containers = programs.run("docker", "ps", "--all", "--quiet", host=host).split()
    if containers:
        programs.run("docker", "rm", "--force", "--volumes", *containers, host=host)
    programs.run("docker", "network", "prune", "--force", host=host)
    volumes = programs.run("docker", "volume", "ls", "--quiet", host=host).split()
    if volumes:
        programs.run("docker", "volume", "rm", *volumes, host=host)
    programs.run("docker", "image", "prune", "--force", "--filter", f"until={KEPT}", host=host)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End dockerd in order, and then whatever is left in its namespaces."""
    for child in _children(process.pid):
        os.kill(child, 15)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)


def _children(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []


def check_means() -> None:
    """Raise FetchError, before anything is fetched, where dockerd can't be run."""
    if os.geteuid() != 0:
        raise FetchError("not root")
    if any(Path("/sys/class/net/docker0/brif").glob("*")):
        raise FetchError("an engine that does not answer at DOCKER_HOST has containers on docker0")
    for name in (NAMESPACES[0], DYING_WITH_PARENT[0]):
        if not shutil.which(name):
            raise FetchError(f"no {name}")
