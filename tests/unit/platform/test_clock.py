"""Times as they are written and read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mover.platform.clock import Clock, read_time, write_time


def test_the_clock_has_a_time_zone() -> None:
    assert Clock().now().tzinfo is UTC
    assert Clock().monotonic() <= Clock().monotonic()


def test_a_time_is_written_in_utc_with_whole_seconds() -> None:
    cet = timezone(timedelta(hours=1))
    assert write_time(datetime(2026, 1, 31, 13, 0, 0, 999_999, tzinfo=cet)) == "2026-01-31T12:00:00Z"


@given(st.datetimes(min_value=datetime(1000, 1, 2), timezones=st.just(UTC)))  # noqa: DTZ001  hypothesis adds the zone
def test_a_written_time_is_read_back_unchanged(moment: datetime) -> None:
    assert read_time(write_time(moment)) == moment.replace(microsecond=0)


def test_a_time_of_restic_may_have_nanoseconds() -> None:
    moment = read_time("2026-01-31T13:00:00.123456789+01:00")
    assert moment == datetime(2026, 1, 31, 12, 0, 0, 123_456, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "now", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31+01:00"])
def test_a_time_without_a_zone_is_rejected(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  of Python or of our own
        read_time(text)
