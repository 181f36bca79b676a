"""Progress: a bar on a terminal, a record now and then in a log."""

import io
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from mover.config.secrets import Redactor
from mover.config.settings import LogFormat, LogLevel, Reporting
from mover.platform.clock import Clock
from mover.reporting import log_output
from mover.reporting.progress import Bar, in_the_log, line
from mover.restic.messages import StatusMessage
from tests import volumes
from tests.fake_restic import as_lines, fake_restic
from tests.mover_process import PASSWORD, Mover
from tests.terminal import Terminal

REDRAWN = "\r\x1b[2K"
HALF = StatusMessage(
    files_done=2, total_files=4, bytes_done=512, total_bytes=1024, seconds_elapsed=2, seconds_remaining=65
)


class TestTheLine:
    def test_shows_a_bar_files_bytes_speed_and_time_left(self) -> None:
        assert line(HALF) == ("[############............]  50%  2 of 4 files  512 B of 1.000 KiB  256 B/s  1:05 left")

    def test_leaves_out_what_is_not_known_yet(self) -> None:
        assert line(StatusMessage(0, 0, 0, 0, 0, None)) == "[........................]   0%  0 of 0 files  0 B of 0 B"

    @given(st.tuples(*[st.integers(0, 10**17)] * 5))
    def test_never_shows_more_than_all(self, numbers: tuple[int, int, int, int, int]) -> None:
        shown = line(StatusMessage(*numbers, None))
        assert shown[:26].count("#") + shown[:26].count(".") == 24
        assert int(shown[27:31].strip("% ")) <= 100


class TestTheBar:
    def test_is_drawn_anew_and_taken_away(self) -> None:
        stream = io.StringIO()
        bar = Bar(stream)
        bar.clear()
        assert stream.getvalue() == "", "nothing is there to be taken away"
        bar.show(HALF)
        bar.clear()
        bar.clear()
        assert stream.getvalue() == f"{REDRAWN}{line(HALF)[:79]}{REDRAWN}"


class TestTheRecordOfALog:
    def test_is_written_every_half_minute(self, log_stream: io.StringIO) -> None:
        log_output.start(Reporting(LogFormat.JSON, LogLevel.INFO, None, frozenset()), Redactor(), log_stream, None)
        now = [0.0]
        record = in_the_log(Clock(monotonic=lambda: now[0]))
        for now[0] in (0.0, 29.0, 30.0, 45.0, 61.0):
            record(HALF)
        first, second = map(json.loads, log_stream.getvalue().splitlines())
        assert first["message"] == "progress: 50%  2 of 4 files  512 B of 1.000 KiB  256 B/s  1:05 left"
        assert second["progress"] == {
            "filesDone": 2,
            "filesTotal": 4,
            "bytesDone": 512,
            "bytesTotal": 1024,
            "secondsElapsed": 2,
            "secondsRemaining": 65,
        }


def on_a_terminal(columns: int, mover: Mover, *arguments: str, **settings: str) -> tuple[int, str]:
    """Run a mover on a terminal; return its exit code, and everything that was shown."""
    return Terminal(columns).run(mover.command(*arguments), mover.environment(**settings), mover.folder)


class TestOnATerminal:
    def test_a_backup_shows_a_bar_and_then_a_summary(self, mover: Mover) -> None:
        with (mover.data / "large").open("wb") as large:
            large.truncate(300 * volumes.MIB)
        code, shown = on_a_terminal(200, mover, "backup", "prune", RESTIC_PROGRESS_FPS="60")
        assert code == 0
        bars = re.findall(r"\[#*\.*\] +\d+%  \d+ of \d+ files?  [^\r]*", shown)
        assert bars, f"no bar in {shown!r}"
        *_, backup, prune, cost, last, _ = shown.split("\r\n")
        assert re.fullmatch(r"backup +done +\d+\.\d s  snapshot \w{8} saved with 4 files, 300\.000 MiB", backup)
        assert re.fullmatch(r"prune +done +\d+\.\d s  pruned", prune)
        assert re.fullmatch(r"restic +\d processes, \d+\.\d s of CPU, \d+\.\d+ MiB of memory at the most", cost)
        assert last.startswith("Restic completed in")
        assert PASSWORD not in shown

    def test_a_bar_is_never_wider_than_the_terminal_and_never_left_in_the_text(self, fresh: Mover) -> None:
        status = {"message_type": "status", "total_files": 4, "files_done": 2, "total_bytes": 4, "bytes_done": 1}
        words = {"message_type": "exit_error", "code": 1, "message": "Fatal: nobody knows"}
        told = fresh.with_restic(fake_restic(fresh.folder, backup=f"{as_lines(status, words)}; exit 1"))
        code, shown = on_a_terminal(40, told, "backup")
        assert code == 1
        (drawn,) = re.findall(r"\x1b\[2K(\[[^\r]*)\r", shown)
        assert len(drawn) <= 39
        assert f"{REDRAWN}ERROR: restic backup ended with exit code 1" in shown

    def test_the_log_may_be_json_all_the_same(self, mover: Mover) -> None:
        code, shown = on_a_terminal(80, mover, "unlock", LOG_FORMAT="json")
        assert code == 0
        assert json.loads(shown.splitlines()[-1])["outcome"] == "done"
        assert "\x1b" not in shown
