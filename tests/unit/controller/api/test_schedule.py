"""Schedules fire when robfig/cron says so, whose own answers are in schedule_vectors.json."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mover.controller.api.schedule import FIELDS, NeverFiresError, ScheduleError, parse

VECTORS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("schedule_vectors.json").read_text())

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])


@st.composite
def fields(draw: st.DrawFn, number: int) -> str:
    field = FIELDS[number]
    numbers = st.integers(field.lowest, field.highest)
    low, high = sorted((draw(numbers), draw(numbers)))
    return draw(
        st.sampled_from(["*", str(low), f"{low},{high}", f"{low}-{high}", f"*/{high + 1}", f"{low}/{high + 1}"])
    )


EXPRESSIONS = st.tuples(*(fields(number) for number in range(5))).map(" ".join)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("vector", [v for v in VECTORS if "fires" in v], ids=lambda vector: vector["schedule"])
def test_a_schedule_fires_when_robfig_cron_does(vector: dict[str, Any]) -> None:
    schedule = parse(vector["schedule"])
    for moment, expected in vector["fires"].items():
        first = schedule.next_after(at(moment))
        assert [first, schedule.next_after(first)] == [at(time) for time in expected], f"after {moment}"


@pytest.mark.parametrize("vector", [v for v in VECTORS if "refused" in v], ids=lambda vector: vector["schedule"])
def test_a_schedule_that_robfig_cron_refuses_is_rejected(vector: dict[str, Any]) -> None:
    with pytest.raises(ScheduleError):
        parse(vector["schedule"])


@pytest.mark.parametrize("vector", [v for v in VECTORS if "never" in v], ids=lambda vector: vector["schedule"])
def test_a_schedule_that_never_fires_is_rejected(vector: dict[str, Any]) -> None:
    with pytest.raises(NeverFiresError):
        parse(vector["schedule"])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("* * * *", "fields 4"),
        ("0 0 * * 7", "day of the week '7'"),
        ("0 0 * * monday", "day of the week 'monday'"),
        ("*/0 * * * *", "step in '*/0'"),
        ("@every 1d", "duration '1d'"),
        ("@every 10s", "duration '10s'"),
        ("@every 99999h", "duration '99999h'"),
        ("@fortnightly", "'@fortnightly'"),
        ("TZ=Middle/Earth @daily", "time zone 'Middle/Earth'"),
        ("TZ=../../etc/passwd @daily", "time zone '../../etc/passwd'"),
        ("TZ= @daily", "time zone ''"),
        ("TZ=UTC", "fields 0"),
        (", * * * *", "minute ','"),
        ("٣ * * * *", "minute '٣'"),
    ],
)
def test_the_error_of_a_rejected_schedule_quotes_its_wrong_part(text: str, named: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        parse(text)
    assert named in str(refused.value)


def test_the_next_leap_day_is_found_across_a_century() -> None:
    assert parse("0 0 29 2 *").next_after(at("2096-02-29T00:00:00Z")) == at("2104-02-29T00:00:00Z")


def test_a_time_that_clocks_show_twice_fires_twice() -> None:
    schedule = parse("CRON_TZ=Europe/Berlin 30 2 * * *")
    first = schedule.next_after(at("2026-10-25T00:00:00Z"))
    assert [first, schedule.next_after(first)] == [at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z")]


def test_the_zone_of_the_current_time_does_not_matter() -> None:
    moment = at("2026-01-01T10:07:33Z")
    assert parse("@hourly").next_after(moment.astimezone(ZoneInfo("Asia/Kolkata"))) == at("2026-01-01T11:00:00Z")


@given(expression=EXPRESSIONS, zone=ZONES, moment=MOMENTS)
def test_a_schedule_fires_next_at_the_first_minute_that_matches(expression: str, zone: str, moment: datetime) -> None:
    try:
        schedule = parse(f"CRON_TZ={zone} {expression}")
    except NeverFiresError:  # every expression made here is well-formed
        return
    found = schedule.next_after(moment)
    assert found > moment
    assert found.second == 0
    assert schedule.next_after(found - timedelta(seconds=1)) == found
    minutes_between = range(1, min(100, int((found - moment).total_seconds() // 60)))
    assert all(schedule.next_after(found - timedelta(minutes=count)) == found for count in minutes_between)


@given(expression=EXPRESSIONS, one=MOMENTS, other=MOMENTS)
def test_a_later_moment_never_fires_earlier(expression: str, one: datetime, other: datetime) -> None:
    assume(one <= other)
    try:
        schedule = parse(expression)
    except ScheduleError:
        return
    assert schedule.next_after(one) <= schedule.next_after(other)


@given(text=st.text(alphabet="0123456789*/-,?@ TZ=+.hmsLevryjan\t\n٣", max_size=30) | st.text(max_size=30))
def test_any_text_is_either_a_schedule_or_rejected_with_a_message(text: str) -> None:
    try:
        schedule = parse(text)
    except ScheduleError as error:
        assert str(error)  # noqa: PT017
    else:
        assert schedule.next_after(at("2026-01-01T00:00:00Z")) > at("2026-01-01T00:00:00Z")
