"""Processes and their streams, with real processes that behave as restic seldom does."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from mover.exit_codes import ExitCode, Failure
from mover.platform.clock import Clock
from mover.platform.signals import ShutdownSignal
from mover.restic.messages import Document, ExitError, Message, Text
from mover.restic.process import Restic
from mover.restic.process_cost import ProcessCost
from mover.restic.process_result import TAIL_LINES, ProcessResult
from mover.restic.restic_command import Command
from tests.support.mover_process import wait_until


class Listener:
    """A watch that never stops restic, unless a line has appeared."""

    def __init__(self, stop_at: str = "") -> None:
        self.messages: list[Message] = []
        self._stop_at = stop_at

    def handle(self, message: Message) -> None:
        self.messages.append(message)

    def should_stop(self) -> bool:
        return bool(self._stop_at) and Text(self._stop_at) in self.messages


def restic(executable: str | Path, shutdown: ShutdownSignal | None = None) -> Restic:
    return Restic(
        str(executable), {"PATH": os.defpath, "GIVEN": "yes"}, shutdown or ShutdownSignal(), Clock(), ProcessCost()
    )


def run(script: str, listener: Listener, arguments: Sequence[str] = (), folder: Path | None = None) -> ProcessResult:
    """Run a line of shell in restic's place."""
    return restic("/bin/sh").run(Command(["-c", script, "restic", *arguments], folder), listener, lambda _: None)


def test_both_streams_of_a_process_are_read() -> None:
    listener = Listener()
    result = run("""echo '[1]'; echo warning >&2; echo '{"message_type":"exit_error","message":"m"}' >&2""", listener)
    assert sorted(map(str, listener.messages)) == sorted(map(str, [Document([1]), Text("warning"), ExitError("m")]))
    assert (result.exit_code, result.text) == (0, "warning\nm")


def test_the_last_line_is_read_without_a_line_end() -> None:
    listener = Listener()
    run("printf 'one\\ntwo'", listener)
    assert listener.messages == [Text("one"), Text("two")]


def test_the_exit_code_of_a_process_is_reported() -> None:
    assert run("exit 3", Listener()).exit_code == 3
    assert run("kill -KILL $$", Listener()).exit_code == -9


def test_a_process_gets_its_arguments_as_they_are(tmp_path: Path) -> None:
    listener = Listener()
    odd = ["two words", "$HOME", "*", "'\"", "-x"]
    run("""printf '%s\\n' "$@"; pwd; echo "$GIVEN"; env | grep -c =""", listener, odd, tmp_path)
    lines = [message.line for message in listener.messages if isinstance(message, Text)]
    assert lines[:-1] == [*odd, str(tmp_path), "yes"]
    assert int(lines[-1]) <= 5, "PATH and GIVEN, and what a shell itself adds"


def test_a_process_has_no_stdin_to_wait_for() -> None:
    assert run("read line", Listener()).exit_code == 1


def test_the_cost_of_a_process_is_measured() -> None:
    runner = restic(sys.executable)
    runner.run(Command(["-c", "sum(range(3_000_000)); x = bytearray(60_000_000)"]), Listener(), lambda _: None)
    assert runner.cost.processes == 1
    assert runner.cost.cpu_seconds > 0.01
    assert runner.cost.peak_rss > 60_000_000


def test_a_process_may_print_more_than_is_kept() -> None:
    result = run("i=0; while [ $i -lt 3000 ]; do echo line $i >&2; i=$((i+1)); done; exit 1", Listener())
    assert len(result.tail) == TAIL_LINES
    assert result.text.endswith("line 2999")


def test_stack_traces_are_not_kept() -> None:
    frames = (
        "i=0; while [ $i -lt 50 ]; do echo main.function$i; echo '	github.com/some/file.go:'$i; i=$((i+1)); done"
    )
    result = run(f"{{ echo the reason; {frames}; }} >&2; exit 1", Listener())
    assert result.text == "the reason"


def test_a_process_may_print_one_line_without_an_end() -> None:
    listener = Listener()
    result = run("head -c 3000000 /dev/zero | tr '\\0' x", listener)
    (message,) = listener.messages
    assert isinstance(message, Text)
    assert len(message.line) == 3_000_000
    assert len(result.text) < 10_000


def test_a_child_that_holds_the_streams_is_not_waited_for(tmp_path: Path) -> None:
    listener = Listener()
    result = run(f"sleep 300 & echo $! > {shlex.quote(str(tmp_path / 'pid'))}; echo done; exit 7", listener)
    assert result.exit_code == 7
    assert listener.messages == [Text("done")]
    wait_until(lambda: not alive(int((tmp_path / "pid").read_text())), "what it started is ended too")


def test_a_process_is_stopped_where_the_watch_requests_it() -> None:
    result = run("trap 'echo bye; exit 5' TERM; echo enough; while :; do sleep 0.1; done", Listener("enough"))
    assert result.exit_code == 5


def test_an_error_in_a_listener_leaves_no_process_behind(tmp_path: Path) -> None:
    def fail(_: Message) -> None:
        raise RuntimeError("a fault in the listener")

    script = f"echo $$ > {shlex.quote(str(tmp_path / 'pid'))}; echo word; exec sleep 300"
    with pytest.raises(RuntimeError, match="a fault in the listener"):
        restic("/bin/sh").run(Command(["-c", script]), Listener(), fail)
    wait_until(lambda: not alive(int((tmp_path / "pid").read_text())), "it is ended")


def test_no_process_is_started_once_a_signal_was_received(tmp_path: Path) -> None:
    shutdown = ShutdownSignal()
    shutdown._on_signal(15, None)  # noqa: SLF001  what the kernel would call
    with pytest.raises(Failure) as failure:
        restic("/bin/touch", shutdown).run(Command([str(tmp_path / "touched")]), Listener(), lambda _: None)
    assert failure.value.code is ExitCode.TERMINATED
    assert not (tmp_path / "touched").exists()


def test_a_process_that_cannot_be_started_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        restic("/no/such/restic").run(Command(["version"]), Listener(), lambda _: None)


def alive(process: int) -> bool:
    """Whether a process exists and has not ended."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
