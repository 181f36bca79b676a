"""Signals: recorded once, forwarded once, never lost.

They are raised in the thread of the test: what is sent to the process may reach another of its threads, and be
handled, when the test has given the signals back already, which ends the process that runs the tests.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from mover.exit_codes import ExitCode, Failure
from mover.platform.signals import ShutdownSignal

SIGNALS = [(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED)]

COUNTING = """
import signal, sys
received = []
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda number, _: received.append(number))
print("ready", flush=True)
sys.stdin.read()
print([int(number) for number in received])
"""


@pytest.fixture
def shutdown() -> Iterator[ShutdownSignal]:
    before = {number: signal.getsignal(number) for number, _ in SIGNALS}
    shutdown = ShutdownSignal()
    shutdown.install()
    yield shutdown
    for number, handler in before.items():
        signal.signal(number, handler)


class Child:
    """A process that counts the signals it gets."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", COUNTING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    @property
    def pid(self) -> int:
        return self._process.pid

    def received(self) -> str:
        """End it, and return the signals that it got."""
        printed, _ = self._process.communicate(timeout=60)
        return str(printed).strip()


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child()
    yield child
    child._process.kill()  # noqa: SLF001  where a test has failed before its end
    child._process.communicate()  # noqa: SLF001


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_stopped_run_ends_with_the_code_of_the_signal(
    shutdown: ShutdownSignal, number: signal.Signals, code: ExitCode
) -> None:
    shutdown.check()
    signal.raise_signal(number)
    with pytest.raises(Failure, match=number.name) as failure:
        shutdown.check()
    assert failure.value.code is code


def test_only_the_first_signal_counts(shutdown: ShutdownSignal) -> None:
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGTERM)
    assert shutdown.signal is signal.SIGINT


def test_a_signal_interrupts_a_sleep(shutdown: ShutdownSignal) -> None:
    signal.raise_signal(signal.SIGTERM)
    with pytest.raises(Failure, match="SIGTERM"):
        shutdown.sleep(10_000)


def test_a_repeated_signal_is_forwarded_once(shutdown: ShutdownSignal, child: Child) -> None:
    with shutdown.forwarded_to(child.pid):
        for _ in range(3):
            signal.raise_signal(signal.SIGTERM)
    assert child.received() == "[15]"


def test_a_signal_received_before_the_process_started_is_forwarded(shutdown: ShutdownSignal, child: Child) -> None:
    signal.raise_signal(signal.SIGINT)
    with shutdown.forwarded_to(child.pid):
        pass
    assert child.received() == "[2]"


def test_no_signal_is_forwarded_after_the_block(shutdown: ShutdownSignal, child: Child) -> None:
    with shutdown.forwarded_to(child.pid):
        pass
    signal.raise_signal(signal.SIGTERM)
    assert child.received() == "[]"


def test_forwarding_to_an_ended_process_is_no_error(shutdown: ShutdownSignal, child: Child) -> None:
    child.received()
    with shutdown.forwarded_to(child.pid):
        signal.raise_signal(signal.SIGTERM)
    assert shutdown.signal is signal.SIGTERM
