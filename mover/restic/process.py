"""Starts and supervises restic processes: arguments, environment, signals, output, exit code and cost.

Nothing else starts restic. ``errors`` classifies failures; whether a command is retried is decided in
``retries`` and ``runner``.
"""

import contextlib
import os
import selectors
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Protocol

from mover.platform.clock import Clock
from mover.platform.signals import ShutdownSignal
from mover.restic.lines import Lines
from mover.restic.messages import Message, parse
from mover.restic.process_cost import ProcessCost
from mover.restic.process_result import ProcessResult
from mover.restic.restic_command import Command

TICK_SECONDS = 0.25
"""Poll interval while restic prints nothing."""

KILL_AFTER_SIGNAL_SECONDS = 75.0
"""Time from a signal to SIGKILL: restic may take a minute to remove its lock (``UnlockCancelDelay``)."""

KILL_AFTER_BACKEND_FAILURE_SECONDS = 2.0
"""Time from stopping restic because of its backend to SIGKILL: if the backend does not delete the lock at once, it
never will. The next run recognizes the lock as stale by the run journal."""

KILL_UNINTERRUPTED_SECONDS = 20.0
"""Time from a signal to SIGKILL of a command that ignores the shutdown."""

EXIT_CODES_WITHOUT_LOCK = {0, 3, 10, 11, 12}
"""Exit codes after which restic's lock is gone, or there never was one (restic manual, "Scripting", exit codes)."""

CHUNK_BYTES = 65536

Listener = Callable[[Message], None]


class Watch(Protocol):
    """Follows restic's messages while it runs and may have it stopped."""

    def handle(self, message: Message) -> None:
        """Take in a message."""

    def should_stop(self) -> bool:
        """Whether restic is to be stopped."""


@dataclass
class Restic:
    """Starts restic, one process at a time."""

    executable: str
    environment: Mapping[str, str] = field(repr=False)
    shutdown: ShutdownSignal
    clock: Clock
    cost: ProcessCost
    """The sum over all processes so far."""
    descriptors: tuple[int, ...] = ()
    """File descriptors that every process inherits."""
    may_have_left_lock: bool = False
    """A process may not have removed its lock: it was killed, it crashed, or the backend was gone."""

    def run(self, command: Command, watch: Watch, handle: Listener) -> ProcessResult:
        """Run restic to its end, handing on each message as it comes.

        Raises:
            Failure: the run was stopped by a signal before restic was started.
            OSError: restic can't be started.
        """
        self.shutdown.check()
        result = ProcessResult(command.arguments[0], prunes=command.prunes)
        process = self._start(command)
        ignores = command.ignores_shutdown
        forwarding = contextlib.nullcontext() if ignores else self.shutdown.forwarded_to(process.pid)
        grace = KILL_UNINTERRUPTED_SECONDS if ignores else KILL_AFTER_SIGNAL_SECONDS
        try:
            with forwarding:
                for message in self._messages(process, watch, grace):
                    result.handle(message)
                    watch.handle(message)
                    handle(message)
                result.peak_rss = self._wait(process)
                result.exit_code = process.returncode
        finally:
            self._clean_up(process)
        return result

    def _start(self, command: Command) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self.executable, *command.arguments],
            cwd=command.folder,
            env={**self.environment, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=self.descriptors,
            # A process group of its own: Ctrl-C on a terminal must reach restic through us, once.
            process_group=0,
        )

    def _messages(self, process: subprocess.Popen[bytes], watch: Watch, grace: float) -> Iterator[Message]:
        """Yield what restic prints on both streams, until both are at their end or restic is."""
        deadline = _Deadline(self.clock)
        with selectors.DefaultSelector() as selector:
            for stream in filter(None, (process.stdout, process.stderr)):
                selector.register(stream, selectors.EVENT_READ, Lines())
            while selector.get_map():
                had_ended = _has_ended(process)  # checked before reading, so that no output is missed
                ready = selector.select(TICK_SECONDS)
                for key, _ in ready:
                    yield from _read(selector, key)
                if had_ended and not ready:
                    return  # a child of restic (ssh, rclone) may hold its streams open for ever
                self._stop_in_time(process, watch, deadline, grace)
                _reap_orphans(process.pid)

    def _stop_in_time(
        self, process: subprocess.Popen[bytes], watch: Watch, deadline: "_Deadline", grace: float
    ) -> None:
        """Stop restic when the watch says so, and kill it if it does not end within its grace period."""
        if not deadline.is_set and watch.should_stop():
            os.kill(process.pid, signal.SIGTERM)
            deadline.set(KILL_AFTER_BACKEND_FAILURE_SECONDS)
        if not deadline.is_set and self.shutdown.signal is not None:
            deadline.set(grace)
        if deadline.is_over():
            os.kill(process.pid, signal.SIGKILL)

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        """Take the exit code of this very process and what the kernel says it cost; return its peak RSS in bytes."""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        peak_rss = usage.ru_maxrss * 1024
        self.cost.processes += 1
        self.cost.cpu_seconds += usage.ru_utime + usage.ru_stime
        self.cost.peak_rss = max(self.cost.peak_rss, peak_rss)
        self.may_have_left_lock |= process.returncode not in EXIT_CODES_WITHOUT_LOCK
        return peak_rss

    def _clean_up(self, process: subprocess.Popen[bytes]) -> None:
        """Kill restic, if an internal error left it running, and its child processes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.returncode is None:
            self._wait(process)
        for stream in filter(None, (process.stdout, process.stderr)):
            stream.close()


class _Deadline:
    """The time after which restic is killed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._end: float | None = None

    @property
    def is_set(self) -> bool:
        return self._end is not None

    def set(self, seconds: float) -> None:
        self._end = self._clock.monotonic() + seconds

    def is_over(self) -> bool:
        return self._end is not None and self._clock.monotonic() > self._end


def _read(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> Iterator[Message]:
    stream: IO[bytes] = key.fileobj  # type: ignore[assignment]  # registered above
    chunk = os.read(stream.fileno(), CHUNK_BYTES)
    if not chunk:
        selector.unregister(stream)
    lines: Lines = key.data
    for line in lines.feed(chunk) if chunk else lines.end():
        yield parse(line)


def _reap_orphans(process: int) -> None:
    """Reap what restic's children left behind, if this is PID 1; restic's own exit code is for ``_wait`` alone."""
    if os.getpid() != 1:
        return
    while (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and dead.si_pid != process:
        os.waitpid(dead.si_pid, 0)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Check without reaping the process; ``_wait`` reaps it."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
