"""SIGTERM and SIGINT: remembered once, passed on once to the restic process that runs, never lost."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from mover.exit_codes import ExitCode, Failure


class ShutdownSignal:
    """Whether the run was asked to end, and by which signal. Only the first one counts."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._asked = threading.Event()
        self._process: int | None = None
        self._still_to_send = [True]
        """Emptied by a pop, which no signal handler can interrupt half-way."""

    def install(self) -> None:
        """Take over the signals: before any work, since PID 1 has no default for them."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def check(self) -> None:
        """Go on, unless the run was asked to end.

        Raises:
            Failure: it was; the exit code says by which signal.
        """
        if self.signal is not None:
            code = ExitCode.INTERRUPTED if self.signal is signal.SIGINT else ExitCode.TERMINATED
            raise Failure(code, f"Stopped by {self.signal.name}; run it again to go on.")

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until the run is asked to end; then as ``check``."""
        self._asked.wait(seconds)
        self.check()

    @contextmanager
    def passing_on_to(self, process: int) -> Iterator[None]:
        """Pass the signal on to a process while it runs, also one that came while it was being started."""
        self._process = process
        try:
            self._pass_on()
            yield
        finally:
            self._process = None

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if self.signal is None:
            self.signal = signal.Signals(number)
            self._asked.set()
            self._pass_on()

    def _pass_on(self) -> None:
        """Send the signal, once; the handler may run at any point in here."""
        if self.signal is None or self._process is None:
            return
        with contextlib.suppress(IndexError, ProcessLookupError):
            self._still_to_send.pop()
            os.kill(self._process, self.signal)
