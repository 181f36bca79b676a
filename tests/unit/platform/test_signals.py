"""Signals: remembered once, passed on once, never lost."""

import os
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
heard = []
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda number, _: heard.append(number))
print("ready", flush=True)
sys.stdin.read()
print([int(number) for number in heard])
"""


@pytest.fixture
def stopping() -> Iterator[ShutdownSignal]:
    before = {number: signal.getsignal(number) for number, _ in SIGNALS}
    stopping = ShutdownSignal()
    stopping.install()
    yield stopping
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

    def heard(self) -> str:
        """End it, and say what it has heard."""
        said, _ = self._process.communicate(timeout=60)
        return str(said).strip()


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child()
    yield child
    child._process.kill()  # noqa: SLF001  where a test has failed before its end
    child._process.communicate()  # noqa: SLF001


class TestARunThatIsAskedToEnd:
    @pytest.mark.parametrize(("number", "code"), SIGNALS)
    def test_ends_with_the_code_of_the_signal(
        self, stopping: ShutdownSignal, number: signal.Signals, code: ExitCode
    ) -> None:
        stopping.check()
        os.kill(os.getpid(), number)
        with pytest.raises(Failure, match=f"Stopped by {number.name}") as failure:
            stopping.check()
        assert failure.value.code is code

    def test_ends_by_the_first_signal_whatever_comes_later(self, stopping: ShutdownSignal) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        assert stopping.signal is signal.SIGINT

    def test_is_woken_from_its_sleep(self, stopping: ShutdownSignal) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Failure, match="SIGTERM"):
            stopping.sleep(10_000)


class TestTheProcessThatRuns:
    def test_gets_the_signal_once(self, stopping: ShutdownSignal, child: Child) -> None:
        with stopping.passing_on_to(child.pid):
            for _ in range(3):
                os.kill(os.getpid(), signal.SIGTERM)
        assert child.heard() == "[15]"

    def test_gets_one_that_came_before_it_was_started(self, stopping: ShutdownSignal, child: Child) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        with stopping.passing_on_to(child.pid):
            pass
        assert child.heard() == "[2]"

    def test_gets_none_once_it_is_over(self, stopping: ShutdownSignal, child: Child) -> None:
        with stopping.passing_on_to(child.pid):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        assert child.heard() == "[]"

    def test_may_be_gone_already(self, stopping: ShutdownSignal, child: Child) -> None:
        child.heard()
        with stopping.passing_on_to(child.pid):
            os.kill(os.getpid(), signal.SIGTERM)
        assert stopping.signal is signal.SIGTERM
