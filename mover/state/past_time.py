"""Recorded times, ignored if they are in the future: they would postpone the next prune or check until then."""

from datetime import datetime, timedelta

from mover.platform.clock import read_time, write_time

CLOCK_SKEW = timedelta(minutes=5)
"""Tolerated clock difference between nodes; later times are ignored."""


class FutureTimeError(ValueError):
    """A recorded time is in the future, so it is ignored."""


def is_plausible(moment: datetime, now: datetime) -> bool:
    """Whether a time can be one of the past, as far as the clocks of nodes differ."""
    return moment <= now + CLOCK_SKEW


def read_past_time(text: str, now: datetime) -> datetime:
    """Read a recorded time.

    Raises:
        FutureTimeError: it is in the future.
        ValueError: it is no time.
    """
    moment = read_time(text)
    if not is_plausible(moment, now):
        raise FutureTimeError(f"{write_time(moment)} is in the future")
    return moment
