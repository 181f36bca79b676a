"""``spec.restic.retain``: which snapshots to keep."""

from dataclasses import dataclass

from mover.config.retention import COUNTS, EXPECTED_WITHIN, MOST_KEPT, WITHIN, is_within
from mover.controller.api.object_reader import ObjectReader
from mover.controller.api.schema.cel import Rule, matches
from mover.controller.api.schema.field_types import Count, Section, Text
from mover.controller.api.schema.openapi import Schema

LONGEST_WITHIN = 64
KEEPS_NOTHING = (
    "all counts are 0, which would forget every snapshot; set at least one to 1 or more, or remove retain to keep all "
    "snapshots"
)


@dataclass(frozen=True)
class CountOrText(Count):
    """A whole number that may be written as a text, as VolSync's ``last`` is, unlike the other counts."""

    def shape(self) -> Schema:
        return {"x-kubernetes-int-or-string": True}

    def own_rules(self) -> tuple[Rule, ...]:
        text = matches(f"^[0-9]{{1,{len(str(self.most)) - 1}}}$")
        number = f"self >= 0 && self <= {self.most}"
        return (Rule(f"type(self) == int ? {number} : {text}", f"must be a whole number between 0 and {self.most}"),)

    def read(self, values: ObjectReader) -> int | None:
        return values.number(self.name, self.most, may_be_text=True)


@dataclass(frozen=True)
class Within(Text):
    """A duration as ``restic forget --keep-within`` takes it."""

    def own_rules(self) -> tuple[Rule, ...]:
        """Return the syntax. A duration of zero would forget everything."""
        message = "must be years, months, days and hours, such as 1y6m15d12h (restic has no weeks: write 7d)"
        return (Rule(f"{matches(f'^{WITHIN.pattern}$')} && {matches('[1-9]')}", message),)

    def read(self, values: ObjectReader) -> str | None:
        """Read the duration, which stays a text; None if it is not set."""
        text = values.text(self.name)
        if not text or is_within(text):
            return text
        values.reject(self.name, EXPECTED_WITHIN)
        return None


def _count(name: str, period: str) -> Count:
    return Count(name, f"Number of {name} snapshots to keep. The newest one of each {period} is kept.", MOST_KEPT)


KEPT_COUNTS: tuple[Count, ...] = (
    CountOrText("last", "Number of most recent snapshots to keep.", MOST_KEPT),
    _count("hourly", "hour"),
    _count("daily", "day"),
    _count("weekly", "week"),
    _count("monthly", "month"),
    _count("yearly", "year"),
)
KEPT_WITHIN = Within(
    "within",
    "Keep all snapshots taken within this duration of the latest one. The duration is made of years, months, days and "
    "hours, such as 1y6m15d12h.",
    LONGEST_WITHIN,
)


def _keeps_something() -> Rule:
    """Return that not every count is zero: restic would then forget every snapshot."""
    last, *others = COUNTS
    some = [f"has(self.{last}) && !string(self.{last}).matches('^0+$')"]
    some += [f"has(self.{name}) && self.{name} > 0" for name in others]
    is_set = " || ".join(f"has(self.{name})" for name in COUNTS)
    return Rule(
        f"has(self.within) || {' || '.join(some)} || !({is_set})",
        KEEPS_NOTHING,
    )


RETAIN = Section(
    "retain",
    "Retention policy, applied after each backup: snapshots that no field keeps are removed (restic forget). The "
    "fields add up. Without retain, all snapshots are kept.",
    (*KEPT_COUNTS, KEPT_WITHIN),
    rules=(_keeps_something(),),
)
