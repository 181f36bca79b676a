"""Schedules fire when robfig/cron says so, whose own answers are in schedule_vectors.json."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mover.controller.api.schedule import FIELDS, ScheduleError, parse

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
def test_it_fires_when_robfig_cron_does(vector: dict[str, Any]) -> None:
    schedule = parse(vector["schedule"])
    for moment, expected in vector["fires"].items():
        first = schedule.next_after(at(moment))
        assert [first, schedule.next_after(first)] == [at(time) for time in expected], f"after {moment}"


@pytest.mark.parametrize("vector", [v for v in VECTORS if "refused" in v], ids=lambda vector: vector["schedule"])
def test_what_robfig_cron_refuses_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(ScheduleError):
        parse(vector["schedule"])


@pytest.mark.parametrize("vector", [v for v in VECTORS if "never" in v], ids=lambda vector: vector["schedule"])
def test_what_never_fires_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(ScheduleError, match="it never fires"):
        parse(vector["schedule"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("* * * *", "it has 4 fields, not five (minute, hour, day of the month, month, day of the week)"),
        ("0 0 * * 7", "'7' is no day of the week: it goes from 0 to 6"),
        ("0 0 * * monday", "'monday' is no day of the week"),
        ("*/0 * * * *", "the step of '*/0' is 0"),
        ("@every 1d", "'1d' is no duration such as 90m or 1h30m"),
        ("@every 10s", "@every 10s is not between a minute and a year"),
        ("@every 99999h", "@every 99999h is not between a minute and a year"),
        ("@fortnightly", "'@fortnightly' is none of @yearly, "),
        ("TZ=Middle/Earth @daily", "there is no time zone 'Middle/Earth'"),
        ("TZ=../../etc/passwd @daily", "there is no time zone '../../etc/passwd'"),
        ("TZ= @daily", "there is no time zone ''"),
        ("TZ=UTC", "it has 0 fields, not five"),
        (", * * * *", "',' names no minute"),
        ("٣ * * * *", "'٣' is no minute"),
    ],
)
def test_a_refusal_names_what_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        parse(text)
    assert str(refused.value).startswith(sentence)


def test_a_leap_day_is_waited_for_across_a_century() -> None:
    assert parse("0 0 29 2 *").next_after(at("2096-02-29T00:00:00Z")) == at("2104-02-29T00:00:00Z")


def test_a_time_that_clocks_show_twice_fires_twice() -> None:
    schedule = parse("CRON_TZ=Europe/Berlin 30 2 * * *")
    first = schedule.next_after(at("2026-10-25T00:00:00Z"))
    assert [first, schedule.next_after(first)] == [at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z")]


def test_a_moment_in_any_zone_is_the_same_moment() -> None:
    moment = at("2026-01-01T10:07:33Z")
    assert parse("@hourly").next_after(moment.astimezone(ZoneInfo("Asia/Kolkata"))) == at("2026-01-01T11:00:00Z")


@given(expression=EXPRESSIONS, zone=ZONES, moment=MOMENTS)
def test_it_fires_next_at_the_first_minute_that_fits(expression: str, zone: str, moment: datetime) -> None:
    try:
        schedule = parse(f"CRON_TZ={zone} {expression}")
    except ScheduleError as error:
        assert "never fires" in str(error)  # noqa: PT017  every expression made here is well-formed
        return
    found = schedule.next_after(moment)
    assert found > moment
    assert found.second == 0
    assert schedule.next_after(found - timedelta(seconds=1)) == found
    minutes_between = range(1, min(500, int((found - moment).total_seconds() // 60)))
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
def test_any_text_is_either_a_schedule_or_refused_with_a_sentence(text: str) -> None:
    try:
        schedule = parse(text)
    except ScheduleError as error:
        assert str(error)  # noqa: PT017
    else:
        assert schedule.next_after(at("2026-01-01T00:00:00Z")) > at("2026-01-01T00:00:00Z")
