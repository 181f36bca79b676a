"""SIGTERM and SIGINT: recorded once, forwarded once to the restic process that runs, never lost.

As PID 1 of a container the mover has no default handlers, and restic, in its own process group, receives no signal
except those forwarded here.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from mover.exit_codes import ExitCode, Failure


class ShutdownSignal:
    """The first SIGTERM or SIGINT received, which stops the run; later ones are ignored."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._received = threading.Event()
        self._process: int | None = None
        self._still_to_send = [True]
        """One element while the signal is unsent: a pop empties it, which no signal handler can interrupt half-way."""

    def install(self) -> None:
        """Handle the signals: before any work, since PID 1 has no default for them."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def check(self) -> None:
        """Return, unless a signal was received.

        Raises:
            Failure: one was; the exit code says which.
        """
        if self.signal is not None:
            code = ExitCode.INTERRUPTED if self.signal is signal.SIGINT else ExitCode.TERMINATED
            raise Failure(code, f"Stopped by {self.signal.name}; run it again to continue")

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until a signal is received; then as ``check``."""
        self._received.wait(seconds)
        self.check()

    @contextmanager
    def forwarded_to(self, process: int) -> Iterator[None]:
        """Forward the signal to a process while it runs, also one that came while it was being started."""
        self._process = process
        try:
            self._forward()
            yield
        finally:
            self._process = None

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if self.signal is None:
            self.signal = signal.Signals(number)
            self._received.set()
            self._forward()

    def _forward(self) -> None:
        """Send the signal, once; the handler may run at any point in here."""
        if self.signal is None or self._process is None:
            return
        with contextlib.suppress(IndexError, ProcessLookupError):
            self._still_to_send.pop()
            os.kill(self._process, self.signal)
