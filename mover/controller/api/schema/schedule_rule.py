"""The one rule of the schema about schedules, made from the tables of the parser (`mover.controller.api.schedule`).

It refuses no schedule that the parser accepts, and catches the common mistakes: a field too many, a minute of 60, a
word that is no month. What takes a calendar or the time zones to know (a date that never comes, an interval of a
second, a range that runs backwards) the controller reports in its condition InvalidSpec.
"""

from mover.controller.api.schedule import DESCRIPTORS, DURATION, FIELDS, ScheduleField
from mover.controller.api.schema.cel import Rule, matches

BLANK = r"[\s\pZ]"
"""In RE2: any blank, in ASCII and beyond."""
ZONE = f"((CRON_)?TZ=[A-Za-z0-9_+/-]+{BLANK}+)?"
STEP = "(/[+]?0*[1-9][0-9]*)?"
EVERY_VALUE = r"[*?](-[^,/\s\pZ]*)?"
"""robfig/cron ignores the end of a range that begins with ``*``."""


def schedule_rule() -> Rule:
    """Return the rule."""
    fields = ", ".join(_explained(field) for field in FIELDS)
    message = (
        f"must be five fields ({fields}), such as '*/30 * * * *', each as *, N, N-N or */N, or several of these with "
        "commas; or @hourly, @daily, @weekly, @monthly, @yearly or @every 6h; a time zone goes first, as in "
        "'CRON_TZ=Europe/Berlin 0 3 * * *'"
    )
    return Rule(matches(*schedule_pattern()), message)


def schedule_pattern() -> tuple[str, ...]:
    """Return the pattern in parts: what goes before the fields, each field, and the end."""
    descriptors = "|".join(DESCRIPTORS)
    start = f"^{ZONE}{BLANK}*({descriptors}|@every {DURATION}|"
    first, *others = (_list_of(field) for field in FIELDS)
    return (start, first, *(f"{BLANK}+{field}" for field in others), f"){BLANK}*$")


def _list_of(field: ScheduleField) -> str:
    value = _value(field)
    part = f"({EVERY_VALUE}|{value}(-{value})?){STEP}"
    return f",*({part},+)*{part},*"


def _value(field: ScheduleField) -> str:
    names = f"|(?i:{'|'.join(field.names)})" if field.names else ""
    return f"([+]?0*({_number_between(field.lowest, field.highest)}){names})"


def _number_between(lowest: int, highest: int) -> str:
    """Return a pattern for the numbers from below ten to below a hundred: ones, whole tens, the last ten."""
    tens, ones = divmod(highest, 10)
    whole = tens if ones == 9 else tens - 1  # noqa: PLR2004  the last digit
    return "|".join(
        [f"[{lowest}-{9 if tens else ones}]"]
        + ([f"[1-{whole}][0-9]"] if whole > 0 else [])
        + ([f"{tens}[0-{ones}]"] if tens > whole >= 0 else [])
    )


def _explained(field: ScheduleField) -> str:
    names = f" or {field.names[0]}-{field.names[-1]}" if field.names else ""
    return f"{field.name} {field.lowest}-{field.highest}{names}"
