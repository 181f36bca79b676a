from collections.abc import Iterator

import httpx2
import pytest

from mover.controller.kube.client import Api
from mover.controller.workers import Controller
from tests.unit.controller.cluster import OPTIONS


@pytest.fixture
def api() -> Iterator[Api]:
    """An API server that nobody reaches."""
    with httpx2.Client(base_url="http://127.0.0.1:1") as client:
        yield Api(client)


def test_a_controller_is_healthy_before_its_threads_run_and_while_they_do(api: Api) -> None:
    controller = Controller(api, OPTIONS, None)

    assert controller.unhealthy() == [], "a probe may come before the threads do"
    with controller.running():
        assert controller.unhealthy() == []


def test_a_controller_whose_threads_have_ended_is_not_healthy(api: Api) -> None:
    controller = Controller(api, OPTIONS, None)
    with controller.running():
        pass

    assert "the thread “worker 0” has ended" in controller.unhealthy()
