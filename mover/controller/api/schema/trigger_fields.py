"""``spec.trigger``: when a sync starts."""

from dataclasses import dataclass

from mover.controller.api.object_reader import ObjectReader
from mover.controller.api.schedule import Schedule, ScheduleError, parse
from mover.controller.api.schema.field_types import ONE_LINE, Field, Section, Text
from mover.controller.api.schema.openapi import Schema
from mover.controller.api.schema.schedule_rule import schedule_rule

LONGEST_SCHEDULE = 256
LONGEST_TAG = 1024


@dataclass(frozen=True)
class ScheduleText(Field[Schedule | None]):
    """A schedule, as users write it."""

    def shape(self) -> Schema:
        return {"type": "string", "minLength": 1, "maxLength": LONGEST_SCHEDULE}

    def read(self, values: ObjectReader) -> Schedule | None:
        text = values.text(self.name)
        if not text:
            return None
        try:
            return parse(text)
        except ScheduleError as error:
            values.reject(self.name, f"a schedule of five fields such as '*/30 * * * *' ({error})")
            return None


SCHEDULE = ScheduleText(
    "schedule",
    "Schedule of the syncs in the five fields of cron (minute, hour, day of the month, month, day of the week), such "
    'as "*/30 * * * *"; or one of @hourly, @daily, @weekly, @monthly and @yearly; or @every with a duration, such as '
    '"@every 6h". Times are in UTC unless the schedule begins with a time zone, such as '
    '"CRON_TZ=Europe/Berlin 0 3 * * *". The first sync starts immediately. Ignored while manual is set.',
    rules=(schedule_rule(),),
)
MANUAL = Text(
    "manual",
    "Tag of a manual sync. A sync starts whenever the tag changes; status.lastManualSync shows the tag once that sync "
    "has succeeded. The value has no meaning of its own.",
    LONGEST_TAG,
    rules=(ONE_LINE,),
)
TRIGGER = Section(
    "trigger",
    "When syncs start. Without a trigger, each sync starts one minute after the previous one ended.",
    (SCHEDULE, MANUAL),
)
