"""Log records: JSON lines for machines, plain lines for people, and no secret in either."""

import logging
import sys
from typing import TextIO

from mover.config.secrets import Redactor
from mover.config.settings import LogFormat, Reporting
from mover.platform.streams import silence
from mover.reporting.progress import Bar


def start(reporting: Reporting, redactor: Redactor, stream: TextIO, bar: Bar | None) -> None:
    """Send the mover's log records to a stream, in the format that was chosen or fits the stream."""
    handler = _Handler(stream, redactor, bar)
    handler.setFormatter(_json() if is_json(reporting, stream) else _Plain())
    root = logging.getLogger("mover")
    root.handlers = [handler]
    root.setLevel(reporting.log_level.upper())
    root.propagate = False


def is_json(reporting: Reporting, stream: TextIO) -> bool:
    """Whether records are JSON: as asked for, else where nobody watches a terminal."""
    if reporting.log_format is None:
        return not stream.isatty()
    return reporting.log_format is LogFormat.JSON


class _Handler(logging.StreamHandler[TextIO]):
    """Writes records without secrets, and not into the middle of a progress bar."""

    def __init__(self, stream: TextIO, redactor: Redactor, bar: Bar | None) -> None:
        super().__init__(stream)
        self._redactor = redactor
        self._bar = bar

    def format(self, record: logging.LogRecord) -> str:
        # Sentences are made without secrets; a traceback is made by nobody.
        if record.exc_info:
            record.exc_text = self._redactor(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None  # else a formatter would write it anew
        # File names may hold bytes that are no text: shown escaped, never a reason to fail.
        return super().format(record).encode("utf-8", "backslashreplace").decode()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's own name
        if isinstance(sys.exc_info()[1], OSError):
            silence(self.stream)
        else:
            super().handleError(record)

    def emit(self, record: logging.LogRecord) -> None:
        if self._bar:
            self._bar.clear()
        super().emit(record)


class _Plain(logging.Formatter):
    """A sentence a line; warnings and errors say so first."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return text if record.levelno == logging.INFO else f"{record.levelname}: {text}"


def _json() -> logging.Formatter:
    # Imported where it is needed: a terminal never does.
    from mover.reporting.json_log import JsonLines  # noqa: PLC0415

    return JsonLines()
