"""An unreachable backend is waited for, no longer than `RETRY_TIMEOUT`, and reported with the last reason."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest

from integration.servers import faulty
from integration.servers.flaky import Flaky, flaky
from integration.servers.s3 import REGION, S3Server
from tests.support.mover_process import Mover, Result
from tests.support.restic_versions import OLDEST

SHORT_TIMEOUT = {"RETRY_TIMEOUT": "1s"}
RESTIC_RETRY_SECONDS = 15 * 60
"""For which restic alone goes on."""


@dataclass(frozen=True)
class Outage:
    """A server that never comes back, the reason that the message should quote, and the row of the table."""

    server: Callable[[], AbstractContextManager[str]]
    reason: str
    row: pytest.MarkDecorator


OUTAGES = {
    "unknown": Outage(
        lambda: nullcontext("http://no-such-host.invalid"),
        "lookup no-such-host.invalid|request timeout",  # if no name server responds in time
        pytest.mark.fault("host name unknown"),
    ),
    "refusing": Outage(faulty.refusing, "connection refused", pytest.mark.fault("connection refused")),
    "silent": Outage(faulty.silent, "request timeout", pytest.mark.fault("server accepts and never responds")),
    "black hole": Outage(faulty.black_hole, "request timeout", pytest.mark.fault("packets dropped")),
    "unavailable": Outage(faulty.unavailable, "503|SlowDown", pytest.mark.fault("server responds with 503")),
    "page": Outage(faulty.web_page, "S3 server", pytest.mark.fault("web page in place of S3")),
    "welcome": Outage(
        lambda: faulty.web_page(HTTPStatus.OK), "S3 server", pytest.mark.fault("web page in place of S3")
    ),
}


def of_these(*names: str) -> pytest.MarkDecorator:
    parameters = [pytest.param(OUTAGES[name], marks=OUTAGES[name].row, id=name) for name in names]
    return pytest.mark.parametrize("outage", parameters)


@pytest.fixture(params=[REGION, ""], ids=["with region", "without region"])
def region(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def settings(address: str, region: str = REGION) -> Mapping[str, str]:
    server = S3Server(address, "somebody", "a-secret-key-nobody-sees")
    return {
        **server.environment(),
        "RESTIC_REPOSITORY": server.repository("bucket"),
        "AWS_DEFAULT_REGION": region,
        **SHORT_TIMEOUT,
    }


def is_reported_after_waiting(result: Result, reason: str) -> None:
    assert re.search(reason, result.message)
    seconds = result.outcome["operations"][-1]["seconds"]
    assert 1 <= seconds < RESTIC_RETRY_SECONDS / 10, "it should wait for RETRY_TIMEOUT, not as long as restic would"


@of_these(*OUTAGES)
def test_an_unreachable_backend_fails_a_restore_despite_restore_missing_continue(
    fresh: Mover, outage: Outage, region: str, exit_code: int, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    with outage.server() as address:
        mover = fresh.into(target).with_settings(**settings(address, region))
        result = mover.fails(exit_code, "restore", RESTORE_MISSING="continue")
    is_reported_after_waiting(result, outage.reason)
    assert list(target.iterdir()) == []


@of_these(*OUTAGES)
def test_an_unreachable_backend_fails_a_backup_after_retry_timeout(
    fresh: Mover, outage: Outage, exit_code: int
) -> None:
    with outage.server() as address:
        result = fresh.fails(exit_code, "backup", **settings(address))
    is_reported_after_waiting(result, outage.reason)


@of_these("refusing", "unavailable")
@pytest.mark.parametrize("restic", [OLDEST], indirect=True)
def test_an_unreachable_backend_is_reported_with_the_oldest_restic_too(
    fresh: Mover, outage: Outage, exit_code: int
) -> None:
    with outage.server() as address:
        result = fresh.fails(exit_code, "backup", **settings(address))
    is_reported_after_waiting(result, outage.reason)


def test_an_unreachable_backend_is_logged_while_the_run_retries(fresh: Mover) -> None:
    with faulty.refusing() as address:
        result = fresh.fails(22, "backup", **settings(address))
    warnings = [record["message"] for record in result.records if record.get("level") == "warning"]
    assert any("1 s" in message and "RETRY_TIMEOUT" in message for message in warnings)


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[Flaky]:
    with flaky(s3.endpoint) as proxy:
        yield proxy


@pytest.mark.fault("server responds with 503")
def test_creating_a_repository_is_retried_no_longer_than_retry_timeout(
    fresh: Mover, s3: S3Server, proxy: Flaky, exit_code: int
) -> None:
    bucket = f"never-{secrets.token_hex(6)}"
    proxy.fail("PUT", bucket, times=10_000)
    server = s3.at(proxy.endpoint)
    environment = {**server.environment(), "RESTIC_REPOSITORY": server.repository(bucket)}
    result = fresh.fails(exit_code, "backup", **environment, **SHORT_TIMEOUT)
    is_reported_after_waiting(result, "503")
    assert result.outcome["restic"]["processes"] < 20
