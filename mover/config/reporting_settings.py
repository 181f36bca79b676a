"""Settings of logs and results. They are read first, so that invalid settings can be reported."""

import re
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from mover.config.environment_reader import EnvironmentReader

KUBERNETES_TERMINATION_LOG = Path("/dev/termination-log")
"""Kubernetes' default of terminationMessagePath."""


class LogFormat(StrEnum):
    """How log records are written."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """The least severe record that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class ReportingSettings(NamedTuple):
    """Where and how the run is reported."""

    log_format: LogFormat | None
    """``None``: text on a TTY, JSON otherwise."""
    log_level: LogLevel
    termination_log: Path | None
    treat_as_success: frozenset[int]


def read_reporting(reader: EnvironmentReader) -> ReportingSettings:
    """Read how to report, with the defaults if a variable is wrong."""
    default = LogFormat.TEXT if reader.has("PRIVILEGED_MOVER") else None
    chosen = reader.choice("LOG_FORMAT", default or LogFormat.JSON) if reader.has("LOG_FORMAT") else default
    return ReportingSettings(
        log_format=chosen,
        log_level=reader.choice("LOG_LEVEL", LogLevel.INFO),
        termination_log=_termination_log(reader),
        treat_as_success=_exit_codes(reader),
    )


def _termination_log(reader: EnvironmentReader) -> Path | None:
    if reader.has("TERMINATION_LOG"):
        path = reader.path("TERMINATION_LOG", "")
        if not path.parent.is_dir() or path.is_dir():
            reader.reject("TERMINATION_LOG", "the path of a file in an existing directory")
            return None
        return path
    return KUBERNETES_TERMINATION_LOG if KUBERNETES_TERMINATION_LOG.exists() else None


def _exit_codes(reader: EnvironmentReader) -> frozenset[int]:
    words = [word.strip() for word in reader.text("TREAT_AS_SUCCESS").split(",") if word.strip()]
    if all(re.fullmatch(r"\d{1,3}", word, re.ASCII) for word in words):
        return frozenset(int(word) for word in words)
    reader.reject("TREAT_AS_SUCCESS", "a comma-separated list of exit codes, such as 3,20")
    return frozenset()
