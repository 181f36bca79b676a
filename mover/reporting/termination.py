"""What callers get from a run: the outcome object, cut to the size of a termination message, and written."""

import json
from collections.abc import Iterable
from typing import Any, TextIO

from mover.config.reporting_settings import ReportingSettings
from mover.platform.clock import Clock
from mover.platform.streams import write
from mover.platform.termination_log import LARGEST_BYTES, write_termination_log
from mover.reporting.outcome import Outcome
from mover.warning_reasons import WarningReason, log_warning

SHORT_NAME_CHARACTERS = 80
SHORT_MESSAGE_CHARACTERS = 300


def report(outcome: Outcome, settings: ReportingSettings, clock: Clock) -> str:
    """Write the outcome object to the termination log, and return it for the last log record."""
    text = fit(outcome.as_dict(clock.now()))
    if settings.termination_log:
        try:
            write_termination_log(settings.termination_log, text)
        except OSError as error:
            message = f"Termination log {settings.termination_log}: cannot be written ({error.strerror})"
            log_warning(WarningReason.TERMINATION_LOG_NOT_WRITTEN, message)
    return text


def write_last_record(text: str, stream: TextIO) -> None:
    """Write the outcome object as the last line of the log."""
    write(stream, text + "\n")


def fit(outcome: dict[str, Any], largest: int = LARGEST_BYTES) -> str:
    """Write the outcome object as JSON of at most ``largest`` bytes.

    File names are cut first, then warnings, then the message; the outcome and the snapshot stay whole.
    """
    for cut in (_nothing, _short_files, _no_files, _short_warnings, _no_warnings, _short_message, _shorter_message):
        cut(outcome)
        text = json.dumps(outcome, ensure_ascii=True, separators=(",", ":"))
        if len(text) <= largest:
            break
    return text


def _nothing(_: dict[str, Any]) -> None:
    """Cut nothing: most outcomes fit."""


def _short_files(outcome: dict[str, Any]) -> None:
    outcome["unreadable"]["files"] = _shortened(outcome["unreadable"]["files"], SHORT_NAME_CHARACTERS)


def _no_files(outcome: dict[str, Any]) -> None:
    outcome["unreadable"]["files"] = []


def _short_warnings(outcome: dict[str, Any]) -> None:
    outcome["warnings"] = _shortened(outcome["warnings"], SHORT_MESSAGE_CHARACTERS)


def _no_warnings(outcome: dict[str, Any]) -> None:
    outcome["warnings"] = []


def _short_message(outcome: dict[str, Any]) -> None:
    outcome["message"] = _shortened([outcome["message"]], SHORT_MESSAGE_CHARACTERS)[0]


def _shorter_message(outcome: dict[str, Any]) -> None:
    # Escaped in JSON, a character may take twelve bytes.
    outcome["message"] = _shortened([outcome["message"]], SHORT_NAME_CHARACTERS)[0]


def _shortened(texts: Iterable[str], length: int) -> list[str]:
    return [text if len(text) <= length else text[: length - 1] + "…" for text in texts]
