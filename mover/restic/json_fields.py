"""Reading single fields of restic's JSON objects, whatever they hold.

A line of another version of restic may lack fields or carry other types: a missing number is 0, a missing text is
empty, a missing time is the epoch. Nothing here raises.
"""

from datetime import UTC, datetime
from typing import Any

from mover.platform.clock import read_time

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_NUMBER = 1e18
"""No size, count or duration is larger."""


def float_of(fields: dict[str, Any], name: str) -> float:
    """Return a number of an object; 0 if there is none."""
    value = fields.get(name)
    return float(value) if isinstance(value, int | float) and 0 <= value < MAX_NUMBER else 0.0


def whole_of(fields: dict[str, Any], name: str) -> int:
    """Return a whole number of an object; 0 if there is none."""
    return int(float_of(fields, name))


def text_of(fields: dict[str, Any], name: str) -> str:
    """Return a text of an object; empty if there is none."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def texts_of(fields: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return the texts in an array of an object; none if there is no array."""
    values = fields.get(name)
    return tuple(v for v in values if isinstance(v, str)) if isinstance(values, list) else ()


def time_of(fields: dict[str, Any], name: str) -> datetime:
    """Return a time of an object; the epoch if there is none."""
    try:
        return read_time(text_of(fields, name))
    except (ValueError, OverflowError):
        return EPOCH
