"""Progress: how a bar is drawn, and a record now and then in a log."""

import io
import json

from hypothesis import given
from hypothesis import strategies as st

from mover.config.reporting_settings import LogFormat, LogLevel, ReportingSettings
from mover.config.secrets import Redactor
from mover.platform.clock import Clock
from mover.reporting import log_output
from mover.reporting.progress import Bar, in_the_log, line
from mover.restic.messages import StatusMessage

REDRAWN = "\r\x1b[2K"
HALF = StatusMessage(
    files_done=2, total_files=4, bytes_done=512, total_bytes=1024, seconds_elapsed=2, seconds_remaining=65
)


def test_the_line_has_a_bar_files_bytes_speed_and_time_left() -> None:
    assert line(HALF) == ("[############............]  50%  2 of 4 files  512 B of 1.0 KiB  256 B/s  1:05 left")


def test_the_line_omits_what_is_not_known_yet() -> None:
    assert line(StatusMessage(0, 0, 0, 0, 0, None)) == "[........................]   0%  0 of 0 files  0 B of 0 B"


@given(st.tuples(*[st.integers(0, 10**17)] * 5))
def test_the_line_is_never_above_100_percent(numbers: tuple[int, int, int, int, int]) -> None:
    shown = line(StatusMessage(*numbers, None))
    assert shown[:26].count("#") + shown[:26].count(".") == 24
    assert int(shown[27:31].strip("% ")) <= 100


def test_the_bar_is_redrawn_and_cleared() -> None:
    stream = io.StringIO()
    bar = Bar(stream)
    bar.clear()
    assert stream.getvalue() == "", "nothing is there to be taken away"
    bar.show(HALF)
    bar.clear()
    bar.clear()
    assert stream.getvalue() == f"{REDRAWN}{line(HALF)[:79]}{REDRAWN}"


def test_progress_is_logged_every_half_minute(log_stream: io.StringIO) -> None:
    log_output.start(ReportingSettings(LogFormat.JSON, LogLevel.INFO, None, frozenset()), Redactor(), log_stream)
    now = [0.0]
    record = in_the_log(Clock(monotonic=lambda: now[0]))
    for now[0] in (0.0, 29.0, 30.0, 45.0, 61.0):
        record(HALF)
    first, second = map(json.loads, log_stream.getvalue().splitlines())
    assert first["message"] == "progress: 50%  2 of 4 files  512 B of 1.0 KiB  256 B/s  1:05 left"
    assert second["progress"] == {
        "filesDone": 2,
        "filesTotal": 4,
        "bytesDone": 512,
        "bytesTotal": 1024,
        "secondsElapsed": 2,
        "secondsRemaining": 65,
    }
