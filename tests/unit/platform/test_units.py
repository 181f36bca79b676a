"""Numbers as people read them."""

import pytest

from mover.platform.units import count, duration, size


@pytest.mark.parametrize(
    ("number", "text", "in_restic"),
    [
        (0, "0 B", "0 B"),
        (1023, "1023 B", "1023 B"),
        (1024, "1.0 KiB", "1.000 KiB"),
        (3_567_000, "3.4 MiB", "3.402 MiB"),
        (1024**4, "1.0 TiB", "1.000 TiB"),
        (5 * 1024**5, "5120.0 TiB", "5120.000 TiB"),
    ],
)
def test_sizes_have_the_unit_that_fits(number: int, text: str, in_restic: str) -> None:
    assert size(number) == text
    assert size(number, decimals=3) == in_restic


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (3753, "1:02:33")])
def test_durations_have_hours_where_needed(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_things_are_counted_in_singular_and_plural() -> None:
    assert (count(0, "file"), count(1, "file"), count(2, "file")) == ("0 files", "1 file", "2 files")
    assert (count(1, "entry", "entries"), count(2, "entry", "entries")) == ("1 entry", "2 entries")
