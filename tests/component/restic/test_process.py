"""The door to the process, with real processes that behave as restic seldom does."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from mover.exit_codes import Failure
from mover.platform.clock import Clock
from mover.platform.signals import ShutdownSignal
from mover.reporting.outcome import ResticCost
from mover.restic.messages import Document, ExitError, Message, Text
from mover.restic.process import TAIL_LINES, Command, ProcessResult, Restic
from tests.mover_process import wait_until


class Listener:
    """A watch that never wants anything stopped, unless it hears a word."""

    def __init__(self, stop_at: str = "") -> None:
        self.messages: list[Message] = []
        self._stop_at = stop_at

    def handle(self, message: Message) -> None:
        self.messages.append(message)

    def wants_it_stopped(self) -> bool:
        return bool(self._stop_at) and Text(self._stop_at) in self.messages


def restic(executable: str | Path, stopping: ShutdownSignal | None = None) -> Restic:
    return Restic(
        str(executable), {"PATH": os.defpath, "GIVEN": "yes"}, stopping or ShutdownSignal(), Clock(), ResticCost()
    )


def run(script: str, listener: Listener, arguments: Sequence[str] = (), folder: Path | None = None) -> ProcessResult:
    """Run a line of shell in restic's place."""
    return restic("/bin/sh").run(Command(["-c", script, "restic", *arguments], folder), listener, lambda _: None)


class TestTheProcess:
    def test_is_heard_on_both_streams(self) -> None:
        listener = Listener()
        ended = run(
            """echo '[1]'; echo warning >&2; echo '{"message_type":"exit_error","message":"m"}' >&2""", listener
        )
        assert sorted(map(str, listener.messages)) == sorted(
            map(str, [Document([1]), Text("warning"), ExitError(0, "m")])
        )
        assert (ended.exit_code, ended.text) == (0, "warning\nm")

    def test_is_heard_to_its_last_word_without_a_line_end(self) -> None:
        listener = Listener()
        run("printf 'one\\ntwo'", listener)
        assert listener.messages == [Text("one"), Text("two")]

    def test_has_its_exit_code_told(self) -> None:
        assert run("exit 3", Listener()).exit_code == 3
        assert run("kill -KILL $$", Listener()).exit_code == -9

    def test_gets_its_arguments_as_they_are(self, tmp_path: Path) -> None:
        listener = Listener()
        odd = ["two words", "$HOME", "*", "'\"", "-x"]
        run("""printf '%s\\n' "$@"; pwd; echo "$GIVEN"; env | grep -c =""", listener, odd, tmp_path)
        lines = [message.line for message in listener.messages if isinstance(message, Text)]
        assert lines[:-1] == [*odd, str(tmp_path), "yes"]
        assert int(lines[-1]) <= 5, "PATH and GIVEN, beside what a shell itself adds"

    def test_has_no_stdin_to_wait_for(self) -> None:
        assert run("read line", Listener()).exit_code == 1

    def test_is_measured(self) -> None:
        door = restic(sys.executable)
        door.run(Command(["-c", "sum(range(3_000_000)); x = bytearray(60_000_000)"]), Listener(), lambda _: None)
        assert door.cost.processes == 1
        assert door.cost.cpu_seconds > 0.01
        assert door.cost.peak_rss > 60_000_000

    def test_may_say_more_than_memory_holds(self) -> None:
        ended = run("i=0; while [ $i -lt 3000 ]; do echo line $i >&2; i=$((i+1)); done; exit 1", Listener())
        assert len(ended.tail) == TAIL_LINES
        assert ended.text.endswith("line 2999")

    def test_is_not_heard_on_where_in_its_code_it_was(self) -> None:
        frames = (
            "i=0; while [ $i -lt 50 ]; do echo main.function$i; echo '	github.com/some/file.go:'$i; i=$((i+1)); done"
        )
        ended = run(f"{{ echo the reason; {frames}; }} >&2; exit 1", Listener())
        assert ended.text == "the reason"

    def test_may_say_one_line_without_an_end(self) -> None:
        listener = Listener()
        ended = run("head -c 3000000 /dev/zero | tr '\\0' x", listener)
        (message,) = listener.messages
        assert isinstance(message, Text)
        assert len(message.line) == 3_000_000
        assert len(ended.text) < 10_000

    def test_is_not_waited_for_where_a_child_of_it_holds_its_streams(self, tmp_path: Path) -> None:
        listener = Listener()
        ended = run(f"sleep 300 & echo $! > {shlex.quote(str(tmp_path / 'pid'))}; echo done; exit 7", listener)
        assert ended.exit_code == 7
        assert listener.messages == [Text("done")]
        wait_until(lambda: not alive(int((tmp_path / "pid").read_text())), "what it started is ended too")

    def test_is_stopped_where_the_watch_wants_it(self) -> None:
        ended = run("trap 'echo bye; exit 5' TERM; echo enough; while :; do sleep 0.1; done", Listener("enough"))
        assert ended.exit_code == 5

    def test_is_not_left_behind_by_an_error_of_ours(self, tmp_path: Path) -> None:
        def fail(_: Message) -> None:
            raise RuntimeError("a fault in the listener")

        script = f"echo $$ > {shlex.quote(str(tmp_path / 'pid'))}; echo word; exec sleep 300"
        with pytest.raises(RuntimeError, match="a fault in the listener"):
            restic("/bin/sh").run(Command(["-c", script]), Listener(), fail)
        wait_until(lambda: not alive(int((tmp_path / "pid").read_text())), "it is ended")

    def test_is_not_started_once_the_run_was_asked_to_end(self, tmp_path: Path) -> None:
        stopping = ShutdownSignal()
        stopping._on_signal(15, None)  # noqa: SLF001  what the kernel would call
        with pytest.raises(Failure, match="Stopped by SIGTERM"):
            restic("/bin/touch", stopping).run(Command([str(tmp_path / "touched")]), Listener(), lambda _: None)
        assert not (tmp_path / "touched").exists()

    def test_that_can_t_be_started_is_an_error(self) -> None:
        with pytest.raises(FileNotFoundError):
            restic("/no/such/restic").run(Command(["version"]), Listener(), lambda _: None)


def alive(process: int) -> bool:
    """Whether a process exists and has not ended."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
