"""The one door to the restic process: arguments, environment, signals, output, exit code and cost.

Nothing else starts restic. What its failures mean is not decided here but in ``verdicts``.
"""

import contextlib
import os
import re
import selectors
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from mover.exit_codes import Failure
from mover.platform.clock import Clock
from mover.platform.signals import ShutdownSignal
from mover.reporting.outcome import ResticCost
from mover.restic.lines import Lines
from mover.restic.messages import ExitError, Message, Text, parse

TAIL_LINES = 40
TAIL_LINE = 2000
"""Characters kept of each of the last lines."""

FRAME = re.compile(r"\S+\.(go|s):\d+")
"""Where Go was, in a stack trace: after some errors restic prints one, each function's name in a line before."""

TICK = 0.25
"""Seconds between looks at the clock while restic says nothing."""

PATIENCE = 75.0
"""Seconds from a signal to SIGKILL: restic may take a minute to remove its lock (UnlockCancelDelay)."""
HOPELESS = 2.0
"""The same where the backend is why it is stopped: a lock that it does not let go at once it will not let go at all.
The next run knows such a lock for this one's."""

BRIEF = 20.0
"""The same for a command that is let finish."""

ORDERLY = {0, 3, 10, 11, 12}
"""Exit codes after which restic's lock is gone, or there never was one."""

CHUNK = 65536

Listener = Callable[[Message], None]


class Watch(Protocol):
    """Somebody who listens to restic while it runs and may have it stopped."""

    def handle(self, message: Message) -> None:
        """Take notice of a message."""

    def wants_it_stopped(self) -> bool:
        """Whether going on is of no use."""


@dataclass(frozen=True)
class Command:
    """What one restic process is started with."""

    arguments: Sequence[str]
    folder: Path | None = None
    """Where it is started; ``None``: where the mover was."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Added to what every process gets."""
    finishes: bool = False
    """It is brief, and half of it would be worse than all or nothing: a signal is not passed on to it."""
    prunes: bool = False
    """It removes data for good, so it is not tried again at once where locks had to be removed."""


@dataclass
class ProcessResult:
    """A restic process that has ended."""

    command: str
    """Its first argument, such as ``backup``."""
    prunes: bool = field(default=False, kw_only=True)
    """It would have removed data for good (``Command.prunes``)."""
    exit_code: int = 0
    """Negative where a signal killed it."""
    peak_rss: int = 0
    """Bytes."""
    fatal: str = ""
    """restic's own last word."""
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=TAIL_LINES))
    """The last lines of plain text."""
    failure: Failure | None = None
    """What its end means, once that has been judged."""

    def handle(self, message: Message) -> None:
        """Keep what explains the end."""
        match message:
            case Text(line) if FRAME.fullmatch(line):
                self._forget_the_function()
            case Text(line):
                self.tail.append(line[:TAIL_LINE])
            case ExitError():
                self.fatal = message.message[:TAIL_LINE]

    def _forget_the_function(self) -> None:
        with contextlib.suppress(IndexError):
            self.tail.pop()

    @property
    def text(self) -> str:
        """Return all that is known of why it ended, the last word last."""
        return "\n".join([*self.tail, *([self.fatal] if self.fatal else [])])


@dataclass
class Restic:
    """Starts restic, one process at a time."""

    executable: str
    environment: Mapping[str, str] = field(repr=False)
    stopping: ShutdownSignal
    clock: Clock
    cost: ResticCost
    """Added to by each process."""
    handles: tuple[int, ...] = ()
    """File descriptors that every process holds too."""
    left_a_lock: bool = False
    """A process may not have removed its lock: it was killed, it crashed, or the backend was gone."""

    def run(self, command: Command, watch: Watch, handle: Listener) -> ProcessResult:
        """Run restic to its end, handing on each message as it comes.

        Raises:
            Failure: the run was asked to stop before restic was started.
            OSError: restic can't be started.
        """
        self.stopping.check()
        ended = ProcessResult(command.arguments[0], prunes=command.prunes)
        process = self._start(command)
        passing_on = contextlib.nullcontext() if command.finishes else self.stopping.passing_on_to(process.pid)
        try:
            with passing_on:
                for message in self._messages(process, watch, BRIEF if command.finishes else PATIENCE):
                    ended.handle(message)
                    watch.handle(message)
                    handle(message)
                ended.peak_rss = self._wait(process)
                ended.exit_code = process.returncode
        finally:
            self._leave_nothing_behind(process)
        return ended

    def _start(self, command: Command) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self.executable, *command.arguments],
            cwd=command.folder,
            env={**self.environment, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=self.handles,
            # A process group of its own: Ctrl-C on a terminal must reach restic through us, once.
            process_group=0,
        )

    def _messages(self, process: subprocess.Popen[bytes], watch: Watch, patience: float) -> Iterator[Message]:
        """Yield what restic says on both streams, until both are at their end or restic is."""
        deadline = _Deadline(self.clock)
        with selectors.DefaultSelector() as selector:
            for stream in filter(None, (process.stdout, process.stderr)):
                selector.register(stream, selectors.EVENT_READ, Lines())
            while selector.get_map():
                had_ended = _has_ended(process)  # looked at first: what it wrote before is then there to be read
                ready = selector.select(TICK)
                for key, _ in ready:
                    yield from _read(selector, key)
                if had_ended and not ready:
                    return  # a child of restic (ssh, rclone) may hold its streams open for ever
                self._stop_in_time(process, watch, deadline, patience)
                _reap_orphans(process.pid)

    def _stop_in_time(
        self, process: subprocess.Popen[bytes], watch: Watch, deadline: "_Deadline", patience: float
    ) -> None:
        if not deadline.runs and watch.wants_it_stopped():
            os.kill(process.pid, signal.SIGTERM)
            deadline.start(HOPELESS)
        if not deadline.runs and self.stopping.signal is not None:
            deadline.start(patience)
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
        self.left_a_lock |= process.returncode not in ORDERLY
        return peak_rss

    def _leave_nothing_behind(self, process: subprocess.Popen[bytes]) -> None:
        """End restic, where an error of ours left it running, and whatever it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.returncode is None:
            self._wait(process)
        for stream in filter(None, (process.stdout, process.stderr)):
            stream.close()


class _Deadline:
    """When restic has had time enough to end by itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._end: float | None = None

    @property
    def runs(self) -> bool:
        return self._end is not None

    def start(self, patience: float) -> None:
        self._end = self._clock.monotonic() + patience

    def is_over(self) -> bool:
        return self._end is not None and self._clock.monotonic() > self._end


def _read(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> Iterator[Message]:
    stream: IO[bytes] = key.fileobj  # type: ignore[assignment]  # registered above
    chunk = os.read(stream.fileno(), CHUNK)
    if not chunk:
        selector.unregister(stream)
    lines: Lines = key.data
    for line in lines.feed(chunk) if chunk else lines.end():
        yield parse(line)


def _reap_orphans(process: int) -> None:
    """As PID 1, bury what restic's children left behind; restic's own exit code is for ``_wait`` alone."""
    if os.getpid() != 1:
        return
    while (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and dead.si_pid != process:
        os.waitpid(dead.si_pid, 0)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Look without taking the exit code, which ``_wait`` wants."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
