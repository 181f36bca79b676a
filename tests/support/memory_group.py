"""Memory limits that the kernel enforces, as on a container: a control group, of whichever version this machine has."""

import errno
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.mover_process import wait_until

GROUPS = Path("/sys/fs/cgroup")
VERSION_1 = GROUPS / "memory"

INSIDE = 'echo $$ > "$0/cgroup.procs" && mount --bind "$0" "$1" && shift && exec "$@"'
"""Enter the group and put it where a container finds its own, in a mount namespace that nobody else sees."""


@dataclass(frozen=True)
class MemoryGroup:
    """A control group with a memory limit."""

    folder: Path
    seen_at: Path
    """Where a container sees the group it is in."""

    @property
    def launcher(self) -> tuple[str, ...]:
        """What a command has to begin with to run in the group, as in a container."""
        return ("unshare", "--mount", "--", "sh", "-c", INSIDE, str(self.folder), str(self.seen_at))

    def processes(self) -> list[int]:
        """List who is in it."""
        return [int(line) for line in (self.folder / "cgroup.procs").read_text().split()]

    def kill_all(self) -> None:
        """Do what the kernel does to a container that is killed as a whole: nobody starts another one and lives."""
        killed: set[int] = set()
        while fresh := set(self.processes()) - killed:
            for process in fresh:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            killed |= fresh


def is_there() -> bool:
    """Whether this machine lets us make such groups."""
    try:
        with memory_group(1 << 30):
            return True
    except OSError:
        return False


@contextmanager
def memory_group(limit: int) -> Iterator[MemoryGroup]:
    """Make a group that may have so many bytes, for the length of a block.

    Raises:
        OSError: this machine does not let us.
    """
    version_1 = VERSION_1.is_dir()
    parent = _parent_1() if version_1 else _parent_2()
    folder = parent / f"test-{os.getpid()}-{limit}"
    folder.mkdir()
    group = MemoryGroup(folder, VERSION_1 if version_1 else GROUPS)
    try:
        (folder / ("memory.limit_in_bytes" if version_1 else "memory.max")).write_text(str(limit))
        yield group
    finally:
        group.kill_all()
        wait_until(lambda: not group.processes(), "all that ran in the group has ended")
        folder.rmdir()


def _parent_1() -> Path:
    own = VERSION_1 / _own("memory").lstrip("/")
    return own if own.is_dir() else VERSION_1


def _parent_2() -> Path:
    """Find the nearest group above this process whose groups may have memory limits."""
    own = GROUPS / _own("").lstrip("/")
    for folder in (own, *own.parents):
        control = folder / "cgroup.subtree_control"
        if control.exists() and "memory" in control.read_text().split():
            return folder
        if folder == GROUPS:
            break
    raise OSError(errno.ENOTSUP, "no control group here may hold groups with memory limits")


def _own(controller: str) -> str:
    """Return the path of the group this process is in (cgroups(7), /proc/PID/cgroup)."""
    lines = (line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines())
    return next((path for _, controllers, path in lines if controller in controllers.split(",")), "/")
