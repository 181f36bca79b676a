"""Whether something that is done by interval is due."""

from datetime import UTC, datetime, timedelta

import pytest

from mover.operations.intervals import Interval, NextTime, last_plausible

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(days=1), NOW + timedelta(days=1)
SKEWED = NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ([], None),
        ([None, None], None),
        ([None, EARLIER], EARLIER),
        ([EARLIER, NOW], EARLIER),
        ([LATER, EARLIER], EARLIER),
        ([LATER], None),
        ([SKEWED], SKEWED),
        ([SKEWED + timedelta(seconds=1)], None),
    ],
)
def test_the_first_time_that_is_not_in_the_future_is_used(
    done: list[datetime | None], expected: datetime | None
) -> None:
    assert last_plausible(NOW, *done) == expected


def test_an_interval_starts_at_the_last_time() -> None:
    assert Interval(timedelta(days=1), (EARLIER,)).next_time(None, NOW) == NextTime(NOW, is_due=True)
    assert Interval(timedelta(days=2), (EARLIER,)).next_time(None, NOW) == NextTime(LATER, is_due=False)


def test_without_a_plausible_last_time_an_interval_starts_at_the_oldest_snapshot() -> None:
    interval = Interval(timedelta(days=2), (None, LATER))
    assert interval.next_time(EARLIER, NOW) == NextTime(LATER, is_due=False)


def test_without_any_time_it_is_unknown_when_an_interval_ends() -> None:
    assert Interval(timedelta(days=2), (None,)).next_time(None, NOW) == NextTime(None, is_due=False)


def test_an_interval_of_zero_is_always_due() -> None:
    assert Interval(timedelta(0), (None,)).next_time(None, NOW) == NextTime(NOW, is_due=True)
