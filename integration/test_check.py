"""Checks that are stopped half-way, or that the backend leaves: nothing is recorded that did not happen."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from integration.servers.available import s3_server
from integration.servers.relay import Relay, relay
from integration.servers.s3 import S3Server
from tests.checked import Place

MEBI = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as started:
        yield started


@pytest.fixture
def between(server: S3Server) -> Iterator[Relay]:
    with relay(server.endpoint) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.data.mkdir()
    (made.data / "file").write_bytes(os.urandom(24 * MEBI))
    return made


@pytest.fixture
def settings(server: S3Server, between: Relay, tmp_path: Path) -> dict[str, str]:
    seen = server.at(between.endpoint)
    return {
        **seen.environment(),
        "RESTIC_REPOSITORY": seen.repository(f"check-{tmp_path.name.replace('_', '-')[:40]}"),
        "CHECK_SUBSETS": "1",
        "RETRY_TIMEOUT": "2s",
    }


def half_way(between: Relay) -> None:
    """Wait until a check under way has read a part of the data, and hold it there."""
    between.throttle(4 * MEBI)
    between.wait_until_passed(between.passed + 8 * MEBI)
    between.hang()


def checks(place: Place) -> tuple[object, object]:
    """Return what the marker file knows of checks."""
    marker = place.marker()
    return marker["checked"], marker["rotation"]


class TestACheckThatDoesNotEnd:
    def test_as_it_is_asked_to_stop_records_nothing_and_is_done_again(
        self, place: Place, settings: dict[str, str], between: Relay
    ) -> None:
        place.run("backup", settings=settings)
        before = checks(place)
        process = place.start("check", **settings)
        half_way(between)

        process.send_signal(signal.SIGTERM)
        between.throttle(None)
        between.let_pass()
        ran = place.end(process)

        assert ran.exit_code == 143
        assert ran.outcome["checked"] is None
        assert checks(place) == before
        assert place.scratch() == []
        assert place.run("check", settings=settings).outcome["checked"]["subset"] == "1/1", "its lock should be gone"

    def test_as_the_node_is_lost_leaves_only_what_the_next_one_removes(
        self, place: Place, settings: dict[str, str], between: Relay
    ) -> None:
        place.run("backup", settings=settings)
        before = checks(place)
        process = place.start("check", **settings)
        half_way(between)

        restic = psutil.Process(process.pid).children()
        process.kill()
        for child in restic:
            child.kill()
        place.end(process)
        between.throttle(None)
        between.let_pass()

        assert checks(place) == before
        assert place.scratch(), "a killed mover can't remove anything"
        place.run("check", settings=settings)
        assert place.scratch() == []

    def test_as_the_backend_goes_away_is_no_damage(
        self, place: Place, settings: dict[str, str], between: Relay
    ) -> None:
        place.run("backup", settings=settings)
        before = checks(place)
        process = place.start("check", **settings)
        half_way(between)

        between.refuse()
        ran = place.end(process)

        assert (ran.exit_code, ran.outcome["outcome"]) == (22, "unreachable")
        assert checks(place) == before
