"""Log records: their formats, and no secret in either."""

import io
import json
import logging

import pytest

from mover.config.secrets import Redactor
from mover.config.settings import LogFormat, LogLevel, Reporting
from mover.reporting import log_output
from mover.reporting.progress import Bar
from mover.restic.messages import StatusMessage

log = logging.getLogger("mover.tests")


def start(stream: io.StringIO, log_format: LogFormat, level: LogLevel = LogLevel.INFO, bar: Bar | None = None) -> None:
    log_output.start(Reporting(log_format, level, None, frozenset()), Redactor(["hunter2"]), stream, bar)


@pytest.mark.parametrize("log_format", list(LogFormat))
class TestBothFormats:
    def test_show_no_secret_of_an_error_s_traceback(self, log_stream: io.StringIO, log_format: LogFormat) -> None:
        start(log_stream, log_format)
        try:
            int("hunter2")
        except ValueError:
            log.exception("failed")
        assert "ValueError: invalid literal for int() with base 10: '***'" in log_stream.getvalue()
        assert "hunter2" not in log_stream.getvalue()

    def test_write_names_that_are_no_text(self, log_stream: io.StringIO, log_format: LogFormat) -> None:
        start(log_stream, log_format)
        log.info("name \udcff and 🗄")
        assert "name \\udcff and 🗄" in log_stream.getvalue().replace("\\\\", "\\")

    def test_leave_out_what_is_less_severe(self, log_stream: io.StringIO, log_format: LogFormat) -> None:
        start(log_stream, log_format, LogLevel.WARNING)
        log.info("a detail")
        log.warning("a warning")
        assert len(log_stream.getvalue().splitlines()) == 1


class TestJson:
    def test_is_one_object_a_line(self, log_stream: io.StringIO) -> None:
        start(log_stream, LogFormat.JSON)
        log.warning("two\nlines", extra={"progress": {"filesDone": 1}})
        (line,) = log_stream.getvalue().splitlines()
        record = json.loads(line)
        assert record.pop("time").endswith("Z")
        assert record == {"level": "warning", "message": "two\nlines", "progress": {"filesDone": 1}}


class TestText:
    def test_names_the_level_of_all_but_plain_information(self, log_stream: io.StringIO) -> None:
        start(log_stream, LogFormat.TEXT, LogLevel.DEBUG)
        log.debug("d")
        log.info("i")
        log.warning("w")
        log.error("e")
        assert log_stream.getvalue() == "DEBUG: d\ni\nWARNING: w\nERROR: e\n"

    def test_takes_the_progress_bar_away_first(self, log_stream: io.StringIO) -> None:
        bar = Bar(log_stream)
        start(log_stream, LogFormat.TEXT, bar=bar)
        bar.show(StatusMessage(1, 2, 3, 4, 5, None))
        log.info("a line")
        assert log_stream.getvalue().endswith("\r\x1b[2Ka line\n")
