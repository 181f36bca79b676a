"""Whether something that is done by interval is due."""

from datetime import UTC, datetime, timedelta

import pytest

from mover.operations.intervals import last_believed

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(days=1), NOW + timedelta(days=1)
SKEWED = NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("done", "believed"),
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
def test_the_first_time_that_can_be_true_is_believed(done: list[datetime | None], believed: datetime | None) -> None:
    assert last_believed(NOW, *done) == believed
