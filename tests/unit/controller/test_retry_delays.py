"""The delays before something is tried again."""

import pytest

from mover.controller import retry_delays
from mover.controller.retry_delays import Backoff


def test_a_delay_doubles_with_each_failure_up_to_its_limit() -> None:
    delays = [Backoff(first_seconds=5, longest_seconds=30).seconds(failures) for failures in range(5)]
    assert delays == [5, 10, 20, 30, 30]


def test_a_delay_stays_at_its_limit_after_any_number_of_failures() -> None:
    assert Backoff(first_seconds=0.25, longest_seconds=60).seconds(10**6) == 60


def test_a_random_delay_is_between_its_share_and_the_whole() -> None:
    delays = [retry_delays.WATCH.between(0.5, 2) for _ in range(100)]
    assert 0.8 <= min(delays) < max(delays) <= 1.6


@pytest.mark.parametrize(
    ("delay", "first", "longest"),
    [
        (retry_delays.REQUEST, 0.25, 5),
        (retry_delays.WATCH, 0.4, 30),
        (retry_delays.RECONCILE, 0.25, 60),
        (retry_delays.REFUSED_WRITE, 5, 600),
        (retry_delays.FAILED_SYNC, 60, 3600),
    ],
)
def test_each_delay_has_its_own_first_and_longest(delay: Backoff, first: float, longest: float) -> None:
    assert (delay.seconds(0), delay.seconds(99)) == (first, longest)
