"""The engine of our own, for machines that run none: what is left on the machine when it is not ended in order."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration.image.pod import UNPACKED_ENGINE, docker
from tests.support.mover_process import wait_until

ROOT = Path(__file__).parents[2]
INTERFACES = Path("/sys/class/net")
CONTROL_GROUPS = Path("/sys/fs/cgroup")

pytestmark = pytest.mark.needs("root", "own engine")

STARTER = """
import sys
from pathlib import Path
from tools.offline.engine import daemon
from tools.offline.engine.programs import Programs

folder = Path(sys.argv[1])
with daemon.running(Programs(folder), folder) as host:
    print(host, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for a second engine of our own, with the programs of the first."""
    (tmp_path / "root").symlink_to(UNPACKED_ENGINE)
    return tmp_path


@contextmanager
def engine(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run an engine, and yield the process that started it, and its address."""
    command: list[str | Path] = [sys.executable, "-c", STARTER, folder]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        host = starter.stdout.readline().strip()
        assert host, (folder / "dockerd.log").read_text()
        yield starter, host


def bridge(host: str) -> Path:
    """Make a network, and return the interface of its bridge."""
    network = docker("network", "create", "own", environment={"DOCKER_HOST": host}).stdout.strip()
    return INTERFACES / f"br-{network[:12]}"


def left(host: str, interface: Path) -> list[Path]:
    """Return what there is of an engine: its folder for sockets, its control groups, its bridge."""
    scratch = Path(host.removeprefix("unix://")).parent
    groups = (CONTROL_GROUPS / scratch.name, *CONTROL_GROUPS.glob(f"*/{scratch.name}"))
    return [path for path in (scratch, interface, *groups) if path.exists()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_killing_the_starter_leaves_nothing_of_the_engine(folder: Path, number: signal.Signals) -> None:
    with engine(folder) as (starter, host):
        interface = bridge(host)
        assert interface in left(host, interface)
        starter.send_signal(number)

    wait_until(lambda: not left(host, interface), "everything of the engine is removed")


def test_the_next_engine_removes_what_a_killed_keeper_left(folder: Path) -> None:
    with engine(folder) as (starter, host):
        interface = bridge(host)
        children = Path(f"/proc/{starter.pid}/task/{starter.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        starter.communicate()
    assert interface in left(host, interface)

    with engine(folder) as (starter, _):
        assert not left(host, interface)
        starter.communicate()
