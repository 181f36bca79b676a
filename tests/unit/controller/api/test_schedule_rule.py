"""The schema's rule about schedules refuses nothing that the parser accepts, and the common mistakes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mover.controller.api.object_reader import CONTROL
from mover.controller.api.schedule import DESCRIPTORS, FIELDS, ScheduleError, ScheduleField, parse
from mover.controller.api.schema.schedule_rule import schedule_pattern

VECTORS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("schedule_vectors.json").read_text())

RE2_BLANKS = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""RE2 has a name for them, ``\\pZ``, and Python has none."""

PATTERN = re.compile("".join(schedule_pattern()).replace(r"\pZ", RE2_BLANKS), re.ASCII)

LEFT_TO_THE_CONTROLLER = {"5-1 * * * *", "TZ=Nowhere/City * * * * *"}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["schedule"])
def test_the_rule_agrees_with_robfig_cron(vector: dict[str, Any]) -> None:
    schedule = vector["schedule"]
    is_accepted = "refused" not in vector or schedule in LEFT_TO_THE_CONTROLLER
    assert bool(PATTERN.search(schedule)) == is_accepted


def parts(field: ScheduleField) -> st.SearchStrategy[str]:
    """Parts of a list: as people write them, and as only robfig/cron's quirks allow them."""
    numbers = st.integers(field.lowest, field.highest)
    written = st.builds("{}{}{}".format, st.sampled_from(["", "+"]), st.sampled_from(["", "0", "00"]), numbers)
    values = written | st.sampled_from([*field.names, *map(str.upper, field.names)]) if field.names else written
    ranges = values | st.builds("{}-{}".format, values, values) | st.sampled_from(["*", "?", "*-x", "*-"])
    return ranges | st.builds("{}/{}".format, ranges, st.sampled_from(["1", "+2", "070"])) | st.just("")


def lists(field: ScheduleField) -> st.SearchStrategy[str]:
    return st.lists(parts(field), min_size=1, max_size=3).map(",".join)


BLANKS = st.sampled_from([" ", "  ", "\t", "\xa0", "\u2003 "])
CALENDARS = st.builds(lambda blank, fields: blank.join(fields), BLANKS, st.tuples(*map(lists, FIELDS)))
DURATIONS = st.text(alphabet="0123456789.hms+µu", max_size=8).map("@every {}".format)
ZONES = st.sampled_from(["", "CRON_TZ=UTC ", "TZ=Europe/Berlin  ", "TZ=Etc/GMT+3\t", "TZ="])
SCHEDULES = st.builds(
    "{}{}{}".format, ZONES, CALENDARS | DURATIONS | st.sampled_from([*DESCRIPTORS]), BLANKS | st.just("")
)


@given(text=SCHEDULES | st.text(alphabet="0123456789*/-,?@ TZ=+.hmsevryjan\t", max_size=30))
def test_the_rule_accepts_every_schedule_that_the_parser_accepts(text: str) -> None:
    try:
        parse(text)
    except ScheduleError:
        return
    assert CONTROL.search(text) or PATTERN.search(text)
