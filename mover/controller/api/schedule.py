"""When a schedule fires, in the dialect that users of these resources know: that of robfig/cron, version 3.

Five fields (minute, hour, day of the month, month, day of the week), or a descriptor such as ``@daily``, either of them
after ``CRON_TZ=ZONE`` or ``TZ=ZONE``; without one, in UTC. No Python library reads it the same way. What robfig/cron
accepts but can only be a mistake (a date that never comes, an interval under a minute) is refused.

The schema has one rule about schedules, which is made from the tables here (`mover.controller.api.schema`).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
MINUTES_A_DAY = 24 * 60
LARGEST_SHIFT_MINUTES = 2 * 60
"""Minutes; the most by which clocks are put forward or back (in Antarctica)."""

LONGEST_MONTHS = {month: 29 if month == 2 else 30 if month in {4, 6, 9, 11} else 31 for month in range(1, 13)}  # noqa: PLR2004
"""Days of each month, in a leap year."""

DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9}
"""Seconds in each unit of a duration, as Go writes it."""

_NUMBER = "([0-9]+[.]?[0-9]*|[.][0-9]+)"
_UNIT = f"({'|'.join(sorted(UNITS, key=len, reverse=True))})"
DURATION = f"[+]?({_NUMBER}{_UNIT})+"
"""A duration as Go writes it, in a regular expression."""


class ScheduleError(ValueError):
    """A schedule that can't be followed; the message names what is wrong with it."""


class NeverFiresError(ScheduleError):
    """A schedule of dates that never come, such as February 31."""


@dataclass(frozen=True)
class ScheduleField:
    """One of the five fields: which numbers it takes, and which names stand for them."""

    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        """Return the number that a number or name stands for."""
        if text.lower() in self.names:
            return self.lowest + self.names.index(text.lower())
        if not re.fullmatch(r"\+?[0-9]{1,9}", text):
            raise ScheduleError(f"invalid {self.name} {text!r}")
        return int(text)


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = (
    ScheduleField("minute", 0, 59),
    ScheduleField("hour", 0, 23),
    ScheduleField("day of the month", 1, 31),
    ScheduleField("month", 1, 12, MONTHS),
    ScheduleField("day of the week", 0, 6, WEEKDAYS),
)


@dataclass(frozen=True)
class Interval:
    """Fires again and again with the same time between: ``@every 1h30m``."""

    period: timedelta

    def next_after(self, moment: datetime) -> datetime:
        """Return the time one period after `moment` (aware), in UTC and whole seconds."""
        return moment.astimezone(UTC).replace(microsecond=0) + self.period


@dataclass(frozen=True)
class Calendar:
    """Fires at every minute that all its fields fit, as a clock in `zone` shows it.

    A time that is skipped when clocks go forward does not fire that day; one
    that it shows twice when put back fires twice.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    either_day: bool
    """Whether the day of the month or of the week is enough, as it is if both are restricted."""
    zone: tzinfo

    def next_after(self, moment: datetime) -> datetime:
        """Return the first time later than `moment` (aware) at which it fires, in UTC."""
        found = moment.astimezone(UTC).replace(second=0, microsecond=0) + MINUTE
        while minutes := self._minutes_to_skip(found.astimezone(self.zone)):
            found += minutes * MINUTE
        return found

    def _minutes_to_skip(self, clock: datetime) -> int:
        """Return for how many minutes from the time shown it can't fire; 0 if it fires then."""
        if not self._is_day(clock):
            left_of_day = MINUTES_A_DAY - 60 * clock.hour - clock.minute
            return max(left_of_day - LARGEST_SHIFT_MINUTES, 60 - clock.minute)
        if clock.hour not in self.hours:
            return 60 - clock.minute
        return 0 if clock.minute in self.minutes else 1

    def _is_day(self, clock: datetime) -> bool:
        by_month, by_week = clock.day in self.days, clock.isoweekday() % 7 in self.weekdays
        return clock.month in self.months and (by_month or by_week if self.either_day else by_month and by_week)


Schedule = Interval | Calendar


def parse(text: str) -> Schedule:
    """Parse a schedule.

    Raises:
        ScheduleError: it is not a schedule, or one that never fires (NeverFiresError).
    """
    expression, zone = _without_zone(text)
    if expression.startswith("@every "):
        return Interval(_period(expression.removeprefix("@every ")))
    if expression.startswith("@") and expression not in DESCRIPTORS:
        raise ScheduleError(
            f"unknown descriptor {expression!r}: must be one of {', '.join(DESCRIPTORS)}, @every DURATION"
        )
    return _calendar(DESCRIPTORS.get(expression, expression), zone)


def _without_zone(text: str) -> tuple[str, tzinfo]:
    found = re.match(r"(?:CRON_)?TZ=(\S*)\s*(.*)", text, re.DOTALL)
    if not found:
        return text, UTC
    try:
        return found[2].strip(), ZoneInfo(found[1])
    except (OSError, ValueError, KeyError) as error:  # unknown, not the name of a file below, empty
        raise ScheduleError(f"unknown time zone {found[1]!r}") from error


def _period(text: str) -> timedelta:
    if not re.fullmatch(DURATION, text):
        raise ScheduleError(f"invalid duration {text!r}: must be one such as 90m or 1h30m")
    seconds = sum(float(count) * UNITS[unit] for count, unit in re.findall(_NUMBER + _UNIT, text))
    if not MINUTE.total_seconds() <= seconds <= timedelta(days=366).total_seconds():
        raise ScheduleError(f"invalid duration {text!r}: must be between one minute and one year")
    return timedelta(seconds=int(seconds))


def _calendar(expression: str, zone: tzinfo) -> Calendar:
    texts = expression.split()
    if len(texts) != len(FIELDS):
        names = ", ".join(field.name for field in FIELDS)
        raise ScheduleError(f"invalid number of fields {len(texts)}: must be five ({names})")
    minutes, hours, days, months, weekdays = map(_values, texts, FIELDS)
    either_day = not (_is_star(texts[2]) or _is_star(texts[4]))
    if not either_day and all(LONGEST_MONTHS[month] < min(days) for month in months):
        raise NeverFiresError("it never fires: none of its months has that day")
    return Calendar(minutes, hours, days, months, weekdays, either_day, zone)


def _values(text: str, field: ScheduleField) -> frozenset[int]:
    values = frozenset(value for part in text.split(",") if part for value in _range(part, field))
    if not values:
        raise ScheduleError(f"invalid {field.name} {text!r}")
    return values


def _range(part: str, field: ScheduleField) -> range:
    """Read ``*``, ``N``, ``A-B``, each with or without ``/STEP``."""
    values, slash, step_text = part.partition("/")
    step = ScheduleField("step", 1, 0).number(step_text) if slash else 1
    low, hyphen, high = values.partition("-")
    if low in {"*", "?"}:
        first, last = field.lowest, field.highest
    else:
        first = field.number(low)
        last = field.number(high) if hyphen else field.highest if slash else first
    if step < 1:
        raise ScheduleError(f"invalid step in {part!r}: must be 1 or more")
    if not field.lowest <= first <= last <= field.highest:
        raise ScheduleError(f"invalid {field.name} {part!r}: must be between {field.lowest} and {field.highest}")
    return range(first, last + 1, step)


def _is_star(text: str) -> bool:
    """Whether a field leaves the day to the other one; every second day doesn't."""
    return any(re.fullmatch(r"[*?](-.*)?(/\+?0*1)?", part) for part in text.split(","))
