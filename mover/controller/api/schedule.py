"""When a schedule fires, in the dialect that users of these resources know: that of robfig/cron, version 3.

Five fields (minute, hour, day of month, month, day of week), or a descriptor such as ``@daily``, either of them
after ``CRON_TZ=ZONE`` or ``TZ=ZONE``; without one, in UTC. No library of Python's reads it the same way. Where
robfig/cron takes what can only be a mistake (a date that never comes, an interval under a minute), it is refused.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
MINUTES_A_DAY = 24 * 60
LARGEST_SHIFT = 2 * 60
"""Minutes by which clocks are put forward or back at the most; in Antarctica they are."""

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


class ScheduleError(ValueError):
    """A schedule that can't be followed; the message is a sentence that names what is wrong with it."""


@dataclass(frozen=True)
class _Field:
    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        """Return the number that a number or name stands for."""
        if text.lower() in self.names:
            return self.lowest + self.names.index(text.lower())
        if not re.fullmatch(r"\+?[0-9]{1,9}", text):
            raise ScheduleError(f"{text!r} is no {self.name}")
        return int(text)


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, MONTHS),
    _Field("day of the week", 0, 6, WEEKDAYS),
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

    A time that the clock skips when it is put forward doesn't fire that day; one
    that it shows twice when put back fires twice.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    either_day: bool
    """Whether the day of the month or of the week is enough: so it is where both are restricted."""
    zone: tzinfo

    def next_after(self, moment: datetime) -> datetime:
        """Return the first time later than `moment` (aware) at which it fires, in UTC."""
        found = moment.astimezone(UTC).replace(second=0, microsecond=0) + MINUTE
        while minutes := self._unfit(found.astimezone(self.zone)):
            found += minutes * MINUTE
        return found

    def _unfit(self, clock: datetime) -> int:
        """Return how many minutes, from what the clock shows, surely don't fit; 0 where it fits."""
        if not self._is_day(clock):
            left_of_day = MINUTES_A_DAY - 60 * clock.hour - clock.minute
            return max(left_of_day - LARGEST_SHIFT, 60 - clock.minute)
        if clock.hour not in self.hours:
            return 60 - clock.minute
        return 0 if clock.minute in self.minutes else 1

    def _is_day(self, clock: datetime) -> bool:
        by_month, by_week = clock.day in self.days, clock.isoweekday() % 7 in self.weekdays
        return clock.month in self.months and (by_month or by_week if self.either_day else by_month and by_week)


Schedule = Interval | Calendar


def parse(text: str) -> Schedule:
    """Read a schedule. Raises ScheduleError where it isn't one, or is one that never fires."""
    expression, zone = _without_zone(text)
    if expression.startswith("@every "):
        return Interval(_period(expression.removeprefix("@every ")))
    if expression.startswith("@") and expression not in DESCRIPTORS:
        raise ScheduleError(f"{expression!r} is none of {', '.join(DESCRIPTORS)} and @every DURATION")
    return _calendar(DESCRIPTORS.get(expression, expression), zone)


def _without_zone(text: str) -> tuple[str, tzinfo]:
    found = re.match(r"(?:CRON_)?TZ=(\S*)\s*(.*)", text, re.DOTALL)
    if not found:
        return text, UTC
    try:
        return found[2].strip(), ZoneInfo(found[1])
    except (OSError, ValueError, KeyError) as error:  # unknown, not the name of a file below, empty
        raise ScheduleError(f"there is no time zone {found[1]!r}") from error


def _period(text: str) -> timedelta:
    number = r"(\d+\.?\d*|\.\d+)"
    unit = "(" + "|".join(sorted(UNITS, key=len, reverse=True)) + ")"
    if not re.fullmatch(rf"\+?({number}{unit})+", text, re.ASCII):
        raise ScheduleError(f"{text!r} is no duration such as 90m or 1h30m")
    seconds = sum(float(count) * UNITS[name] for count, name in re.findall(number + unit, text, re.ASCII))
    if not MINUTE.total_seconds() <= seconds <= timedelta(days=366).total_seconds():
        raise ScheduleError(f"@every {text} is not between a minute and a year")
    return timedelta(seconds=int(seconds))


def _calendar(expression: str, zone: tzinfo) -> Calendar:
    texts = expression.split()
    if len(texts) != len(FIELDS):
        names = ", ".join(field.name for field in FIELDS)
        raise ScheduleError(f"it has {len(texts)} fields, not five ({names})")
    minutes, hours, days, months, weekdays = map(_values, texts, FIELDS)
    either_day = not (_is_star(texts[2]) or _is_star(texts[4]))
    if not either_day and all(LONGEST_MONTHS[month] < min(days) for month in months):
        raise ScheduleError("it never fires: none of its months has that day")
    return Calendar(minutes, hours, days, months, weekdays, either_day, zone)


def _values(text: str, field: _Field) -> frozenset[int]:
    values = frozenset(value for part in text.split(",") if part for value in _range(part, field))
    if not values:
        raise ScheduleError(f"{text!r} names no {field.name}")
    return values


def _range(part: str, field: _Field) -> range:
    """Read ``*``, ``N``, ``A-B``, each with or without ``/STEP``."""
    values, slash, step_text = part.partition("/")
    step = _Field("step", 1, 0).number(step_text) if slash else 1
    low, hyphen, high = values.partition("-")
    if low in {"*", "?"}:
        first, last = field.lowest, field.highest
    else:
        first = field.number(low)
        last = field.number(high) if hyphen else field.highest if slash else first
    if step < 1:
        raise ScheduleError(f"the step of {part!r} is 0")
    if not field.lowest <= first <= last <= field.highest:
        raise ScheduleError(f"{part!r} is no {field.name}: it goes from {field.lowest} to {field.highest}")
    return range(first, last + 1, step)


def _is_star(text: str) -> bool:
    """Say whether a field leaves the day to the other one; every second day doesn't."""
    return any(re.fullmatch(r"[*?](-.*)?(/\+?0*1)?", part) for part in text.split(","))
