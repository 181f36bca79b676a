"""Log records that say which object they are about."""

import contextvars
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from mover.config.reporting_settings import LogFormat, LogLevel, ReportingSettings
from mover.config.secrets import Redactor
from mover.reporting import log_output

_object: contextvars.ContextVar[dict[str, str] | None] = contextvars.ContextVar("object", default=None)


@contextmanager
def about(kind: str, namespace: str = "", name: str = "") -> Iterator[None]:
    """Name an object, or with nothing but its kind all of them, in every record of this thread within the block."""
    token = _object.set({k: v for k, v in {"kind": kind, "namespace": namespace, "name": name}.items() if v})
    try:
        yield
    finally:
        _object.reset(token)


def start(stream: TextIO, level: LogLevel, form: LogFormat | None) -> None:
    """Send the controller's log records to a stream."""
    # It never sees the value of a Secret, so there is nothing to redact.
    log_output.start(
        ReportingSettings(form, level, termination_log=None, treat_as_success=frozenset()), Redactor(), stream
    )
    for handler in logging.getLogger("mover").handlers:
        handler.addFilter(_name_object)


def _name_object(record: logging.LogRecord) -> bool:
    record.object = _object.get()
    return True
