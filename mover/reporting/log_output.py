"""Log records: JSON lines for machines, plain lines for people, and no secret in either."""

import logging
import sys
from collections.abc import Callable
from typing import TextIO

from mover.config.reporting_settings import LogFormat, ReportingSettings
from mover.config.secrets import Redactor
from mover.platform.streams import discard


def start(
    reporting: ReportingSettings, redact: Redactor, stream: TextIO, clear_line: Callable[[], None] = lambda: None
) -> None:
    """Send the mover's log records to a stream, in the format that was chosen or fits the stream.

    ``clear_line`` is called before each record: it takes away what a progress bar has drawn on the line.
    """
    handler = _Handler(stream, redact, clear_line)
    handler.setFormatter(_json() if is_json(reporting, stream) else _Plain())
    root = logging.getLogger("mover")
    root.handlers = [handler]
    root.setLevel(reporting.log_level.upper())
    root.propagate = False


def is_json(reporting: ReportingSettings, stream: TextIO) -> bool:
    """Whether records are JSON: as LOG_FORMAT says, else if the stream is no terminal."""
    if reporting.log_format is None:
        return not stream.isatty()
    return reporting.log_format is LogFormat.JSON


class _Handler(logging.StreamHandler[TextIO]):
    """Writes records without secrets, and not into the middle of a progress bar."""

    def __init__(self, stream: TextIO, redact: Redactor, clear_line: Callable[[], None]) -> None:
        super().__init__(stream)
        self._redact = redact
        self._clear_line = clear_line

    def format(self, record: logging.LogRecord) -> str:
        # Messages are made without secrets, tracebacks are not.
        if record.exc_info:
            record.exc_text = self._redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None  # else a formatter would write it a second time
        # File names may hold bytes that are no text: shown escaped, never a reason to fail.
        return super().format(record).encode("utf-8", "backslashreplace").decode()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's own name
        if isinstance(sys.exc_info()[1], OSError):
            discard(self.stream)
        else:
            super().handleError(record)

    def emit(self, record: logging.LogRecord) -> None:
        self._clear_line()
        super().emit(record)


class _Plain(logging.Formatter):
    """A message a line; warnings and errors begin with their level."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return text if record.levelno == logging.INFO else f"{record.levelname}: {text}"


def _json() -> logging.Formatter:
    # Loaded late: not needed on a terminal.
    from mover.reporting.json_log import JsonLines  # noqa: PLC0415

    return JsonLines()
