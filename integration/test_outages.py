"""A backend that can't be reached is waited for, no longer than `RETRY_TIMEOUT`, and told with the last reason."""

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
from tests.mover_process import Mover, Result
from tests.restics import OLDEST

PATIENCE = {"RETRY_TIMEOUT": "1s"}
RESTIC_S_OWN = 15 * 60
"""Seconds that restic alone goes on."""


@dataclass(frozen=True)
class Outage:
    """A server that never comes back, what the message should hold, and the row of the table."""

    server: Callable[[], AbstractContextManager[str]]
    reason: str
    row: pytest.MarkDecorator


OUTAGES = {
    "unknown": Outage(
        lambda: nullcontext("http://no-such-host.invalid"),
        "lookup no-such-host.invalid|request timeout",  # where no name server answers in time
        pytest.mark.fault("host name unknown"),
    ),
    "refusing": Outage(faulty.refusing, "connection refused", pytest.mark.fault("connection refused")),
    "silent": Outage(faulty.silent, "request timeout", pytest.mark.fault("server accepts and never answers")),
    "black hole": Outage(faulty.black_hole, "request timeout", pytest.mark.fault("packets vanish")),
    "unavailable": Outage(faulty.unavailable, "503|SlowDown", pytest.mark.fault("server answers 503")),
    "page": Outage(faulty.web_page, "no S3 server", pytest.mark.fault("web page in place of S3")),
    "welcome": Outage(
        lambda: faulty.web_page(HTTPStatus.OK), "no S3 server", pytest.mark.fault("web page in place of S3")
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
        **PATIENCE,
    }


def is_told_after_waiting(result: Result, reason: str) -> None:
    assert re.search(reason, result.message)
    assert result.message.endswith(").")
    seconds = result.outcome["operations"][-1]["seconds"]
    assert 1 <= seconds < RESTIC_S_OWN / 10, "it should wait as long as it was told to, not as long as restic would"


class TestABackendOutOfReach:
    @of_these(*OUTAGES)
    def test_ends_a_restore_though_nothing_to_restore_would_be_fine(
        self, fresh: Mover, outage: Outage, region: str, verdict: int, tmp_path: Path
    ) -> None:
        target = tmp_path / "target"
        with outage.server() as address:
            mover = fresh.into(target).with_settings(**settings(address, region))
            result = mover.fails(verdict, "restore", RESTORE_MISSING="continue")
        is_told_after_waiting(result, outage.reason)
        assert list(target.iterdir()) == []

    @of_these(*OUTAGES)
    def test_ends_a_backup(self, fresh: Mover, outage: Outage, verdict: int) -> None:
        with outage.server() as address:
            result = fresh.fails(verdict, "backup", **settings(address))
        is_told_after_waiting(result, outage.reason)

    @of_these("refusing", "unavailable")
    @pytest.mark.parametrize("restic", [OLDEST], indirect=True)
    def test_is_told_by_the_oldest_restic_too(self, fresh: Mover, outage: Outage, verdict: int) -> None:
        with outage.server() as address:
            result = fresh.fails(verdict, "backup", **settings(address))
        is_told_after_waiting(result, outage.reason)

    def test_is_told_in_the_log_while_it_is_waited_for(self, fresh: Mover) -> None:
        with faulty.refusing() as address:
            result = fresh.fails(22, "backup", **settings(address))
        assert "A request failed, trying again for up to 1 s" in result.messages


class TestARepositoryThatCanNotBeCreated:
    @pytest.fixture
    def proxy(self, s3: S3Server) -> Iterator[Flaky]:
        with flaky(s3.endpoint) as proxy:
            yield proxy

    @pytest.mark.fault("server answers 503")
    def test_is_tried_again_by_whole_processes_no_longer_than_that(
        self, fresh: Mover, s3: S3Server, proxy: Flaky, verdict: int
    ) -> None:
        bucket = f"never-{secrets.token_hex(6)}"
        proxy.fail("PUT", bucket, times=10_000)
        server = s3.at(proxy.endpoint)
        environment = {**server.environment(), "RESTIC_REPOSITORY": server.repository(bucket)}
        result = fresh.fails(verdict, "backup", **environment, **PATIENCE)
        is_told_after_waiting(result, "503")
        assert result.outcome["restic"]["processes"] < 20
