"""A mover while it runs: what it has said so far, its restic, signals to it, and its end."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.mover_process import SECONDS, Mover, Result, wait_until

HANDLED = 1 << (signal.SIGTERM - 1)


@dataclass(frozen=True)
class RunningMover:
    """A mover that was started and leads a session of its own; `process` may be what launched it."""

    process: subprocess.Popen[bytes]
    log: Path
    termination_log: Path

    def says(self, words: str) -> None:
        """Wait until its log holds these words."""
        wait_until(lambda: words in self.log.read_text() or self.process.poll() is not None, f"{words!r} is logged")
        assert words in self.log.read_text(), f"it ended without {words!r}: {self.log.read_text()}"

    def handles_signals(self) -> None:
        """Wait until it has taken over its signals, SIGTERM the last of them, which it does before anything else."""
        wait_until(lambda: bool(_mask(self.process.pid, "SigCgt") & HANDLED), "it handles SIGTERM")

    def signal(self, number: int) -> None:
        """Send a signal, and wait until the kernel has delivered it."""
        self.process.send_signal(number)
        bit = 1 << (number - 1)
        wait_until(
            lambda: not (_mask(self.process.pid, "ShdPnd") | _mask(self.process.pid, "SigPnd")) & bit,
            "the signal is delivered",
        )

    def restic(self) -> psutil.Process:
        """Wait for the restic it runs, and return it."""
        found: list[psutil.Process] = []

        def runs() -> bool:
            found[:] = [p for p in self._children() if _is_restic(p)]
            return bool(found)

        wait_until(runs, "it runs restic")
        return found[0]

    def ends(self) -> Result:
        """Wait for its end."""
        code = self.process.wait(SECONDS)
        written = self.termination_log.read_text() if self.termination_log.exists() else ""
        return Result(code, self.log.read_text(), "", json.loads(written) if written else {})

    def ends_with(self, exit_code: int) -> Result:
        """Wait for its end, which should have this exit code, also in the outcome it wrote."""
        result = self.ends()
        assert result.exit_code == exit_code, f"it ended with {result.exit_code}, not {exit_code}: {result.text}"
        assert result.outcome["exitCode"] == exit_code, result.text
        return result

    def leaves_nothing(self) -> list[str]:
        """Name the processes of its session and of those it started that still live."""
        session = self.process.pid
        return [
            " ".join(p.cmdline())
            for p in psutil.process_iter()
            if _session(p.pid) == session and p.status() != psutil.STATUS_ZOMBIE
        ]

    def kill(self, *, restic: bool = True) -> None:
        """Kill it as the kernel does, with its restic or without."""
        children = self._children() if restic else []
        self.process.kill()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self.process.wait(SECONDS)
        psutil.wait_procs(children, SECONDS)

    def _children(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []


@contextmanager
def running_mover(
    mover: Mover, *operations: str, launcher: Sequence[str] = (), **settings: str
) -> Iterator[RunningMover]:
    """Start a mover for the length of a block; whatever is left of it is killed at the end."""
    mover.termination_log.write_bytes(b"")
    log = mover.folder / f"log-{os.urandom(4).hex()}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*launcher, *mover.command(*operations)],
            env=mover.environment(**settings),
            cwd=mover.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield RunningMover(process, log, mover.termination_log)
    finally:
        for left in psutil.process_iter():
            if _session(left.pid) == process.pid:
                with suppress(psutil.NoSuchProcess):
                    left.kill()
        process.wait(SECONDS)


def _is_restic(process: psutil.Process) -> bool:
    try:
        return process.name().startswith("restic") and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _session(process: int) -> int:
    try:
        return os.getsid(process)
    except ProcessLookupError:
        return -1


def _mask(process: int, name: str) -> int:
    """Read a set of signals from the kernel; empty once the process is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1], 16) for line in lines if line.startswith(f"{name}:")), 0)
