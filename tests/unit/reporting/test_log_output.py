"""Log records: their formats, and no secret in either."""

import io
import json
import logging
from collections.abc import Callable

import pytest

from mover.config.reporting_settings import LogFormat, LogLevel, ReportingSettings
from mover.config.secrets import Redactor
from mover.reporting import log_output
from mover.reporting.progress import Bar
from mover.restic.messages import StatusMessage

log = logging.getLogger("mover.tests")


def start(
    stream: io.StringIO,
    log_format: LogFormat,
    level: LogLevel = LogLevel.INFO,
    clear_line: Callable[[], None] = lambda: None,
) -> None:
    log_output.start(ReportingSettings(log_format, level, None, frozenset()), Redactor(["hunter2"]), stream, clear_line)


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_a_secret_in_a_traceback_is_redacted(log_stream: io.StringIO, log_format: LogFormat) -> None:
    start(log_stream, log_format)
    try:
        int("hunter2")
    except ValueError:
        log.exception("failed")
    assert "ValueError: invalid literal for int() with base 10: '***'" in log_stream.getvalue()
    assert "hunter2" not in log_stream.getvalue()


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_a_name_that_is_not_unicode_is_escaped(log_stream: io.StringIO, log_format: LogFormat) -> None:
    start(log_stream, log_format)
    log.info("name \udcff and 🗄")
    assert "name \\udcff and 🗄" in log_stream.getvalue().replace("\\\\", "\\")


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_records_below_the_level_are_not_written(log_stream: io.StringIO, log_format: LogFormat) -> None:
    start(log_stream, log_format, LogLevel.WARNING)
    log.info("a detail")
    log.warning("a warning")
    assert len(log_stream.getvalue().splitlines()) == 1


def test_a_json_record_is_one_object_on_one_line(log_stream: io.StringIO) -> None:
    start(log_stream, LogFormat.JSON)
    log.warning("two\nlines", extra={"progress": {"filesDone": 1}})
    (line,) = log_stream.getvalue().splitlines()
    record = json.loads(line)
    assert record.pop("time").endswith("Z")
    assert record == {"level": "warning", "message": "two\nlines", "progress": {"filesDone": 1}}


def test_a_text_record_has_its_level_unless_it_is_info(log_stream: io.StringIO) -> None:
    start(log_stream, LogFormat.TEXT, LogLevel.DEBUG)
    log.debug("d")
    log.info("i")
    log.warning("w")
    log.error("e")
    assert log_stream.getvalue() == "DEBUG: d\ni\nWARNING: w\nERROR: e\n"


def test_the_progress_bar_is_cleared_before_a_text_record(log_stream: io.StringIO) -> None:
    bar = Bar(log_stream)
    start(log_stream, LogFormat.TEXT, clear_line=bar.clear)
    bar.show(StatusMessage(1, 2, 3, 4, 5, None))
    log.info("a line")
    assert log_stream.getvalue().endswith("\r\x1b[2Ka line\n")
