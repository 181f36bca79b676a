"""The format of all times, RFC 3339, and the clock of a run, which tests replace.

The controller needs no such clock: what it decides gets the time as a value (``Observed.now``), and its threads wait
in real time.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

EXPECTED_TIME = "an RFC 3339 time with its zone, such as 2026-01-31T12:00:00Z"
"""What messages about a wrong time ask for."""


@dataclass(frozen=True)
class Clock:
    """The system clock; tests pass a fake one."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """The time of day, with its zone: for what is recorded."""

    monotonic: Callable[[], float] = time.monotonic
    """Seconds that never run backwards: for how long something took."""


def write_time(moment: datetime) -> str:
    """RFC 3339 in UTC with whole seconds, as Kubernetes writes its times: ``2026-01-31T12:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text: str) -> datetime:
    """Read an RFC 3339 time.

    Raises:
        ValueError: it is not one, or it does not say its zone.
    """
    # restic writes nanoseconds, Python reads no more than microseconds.
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text.upper().replace(" ", "T"):
        msg = "the time has no zone"
        raise ValueError(msg)
    return moment.astimezone(UTC)
