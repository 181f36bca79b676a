"""The watch over restic's retries: which of them it stops, and when. The lines are restic's own, of 0.18 and 0.19."""

import pytest

from mover.config.secrets import Redactor
from mover.exit_codes import ExitCode
from mover.platform.clock import Clock
from mover.restic.errors.retry_watch import RetryWatch
from mover.restic.messages import StatusMessage, Text

REFUSED = "List(data) returned error, retrying after 500ms: Get: dial tcp 127.0.0.1:1: connect: connection refused"
RECOVERED = "List(data) operation successful after 3 retries"
DENIED = "Stat(<config/>) returned error, retrying after 1s: Stat: Access Denied."


class FakeClock:
    def __init__(self) -> None:
        self.seconds = 1000.0
        self.clock = Clock(monotonic=lambda: self.seconds)


def test_a_permanent_failure_stops_restic_at_once() -> None:
    watch = RetryWatch(600, Clock(), Redactor())
    watch.handle(Text(DENIED))
    assert watch.should_stop()
    assert watch.failure is not None
    assert watch.failure.code is ExitCode.REFUSED


def test_a_temporary_failure_stops_restic_after_the_timeout() -> None:
    time = FakeClock()
    watch = RetryWatch(600, time.clock, Redactor())
    watch.handle(Text(REFUSED))
    time.seconds += 599
    assert not watch.should_stop()
    time.seconds += 1
    assert watch.should_stop()
    assert watch.failure is not None
    assert watch.failure.code is ExitCode.UNREACHABLE
    assert "connection refused" in watch.failure.message


def test_the_timeout_starts_at_the_first_error_of_a_request() -> None:
    time = FakeClock()
    watch = RetryWatch(600, time.clock, Redactor())
    for _ in range(4):
        watch.handle(Text(REFUSED))
        time.seconds += 150
    assert watch.should_stop()


def test_a_recovered_request_resets_the_timeout() -> None:
    time = FakeClock()
    watch = RetryWatch(600, time.clock, Redactor())
    watch.handle(Text(REFUSED))
    watch.handle(Text(RECOVERED))
    time.seconds += 10_000
    assert not watch.should_stop()
    assert watch.failing_since is None


@pytest.mark.parametrize(
    ("error", "cause", "code"),
    [
        (
            "blob.GetProperties: HEAD https://x.blob.core.windows.net/c/config",
            "ERROR CODE: ContainerNotFound",
            ExitCode.NO_REPOSITORY,
        ),
        (
            "blob.GetProperties: HEAD https://x.blob.core.windows.net/c/config",
            "RESPONSE 403: 403 Server failed to authenticate the request.",
            ExitCode.REFUSED,
        ),
        (
            "unexpected HTTP response (500): 500 Internal Server Error",
            "rclone: ERROR CODE: AuthorizationFailure",
            ExitCode.REFUSED,
        ),
        (
            "unexpected HTTP response (500): 500 Internal Server Error",
            "rclone: 2026/11/25 21:13:29 DEBUG : config: HEAD request error: https response error StatusCode: 403",
            ExitCode.REFUSED,
        ),
    ],
)
def test_the_cause_may_be_in_a_line_of_its_own(error: str, cause: str, code: ExitCode) -> None:
    watch = RetryWatch(600, Clock(), Redactor())
    watch.handle(Text(f"Stat(<config/>) returned error, retrying after 1s: {error}"))
    assert not watch.should_stop()
    watch.handle(Text(cause))
    assert watch.should_stop()
    assert watch.failure is not None
    assert watch.failure.code is code


def test_the_failure_quotes_the_cause() -> None:
    time = FakeClock()
    watch = RetryWatch(600, time.clock, Redactor())
    watch.handle(Text("Stat(<config/>) returned error, retrying after 1s: blob.GetProperties: HEAD https://x"))
    watch.handle(Text("RESPONSE 503: 503 Server busy."))
    watch.handle(Text("ERROR CODE: ServerBusy"))
    watch.handle(Text("Response: {"))
    time.seconds += 600
    assert watch.should_stop()
    assert watch.failure is not None
    assert "blob.GetProperties: HEAD https://x RESPONSE 503: 503 Server busy. ERROR CODE: ServerBusy" in (
        watch.failure.message
    )


def test_other_messages_do_not_stop_restic() -> None:
    watch = RetryWatch(0, Clock(), Redactor())
    watch.handle(Text("signal terminated received, cleaning up"))
    watch.handle(StatusMessage(0, 0, 0, 0, 0, None))
    assert not watch.should_stop()
