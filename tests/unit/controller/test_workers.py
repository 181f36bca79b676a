from collections.abc import Iterator

import httpx2
import pytest

from mover.controller.kube.client import Api
from mover.controller.workers import Controller
from tests.support.fake_cluster import OPTIONS


@pytest.fixture
def api() -> Iterator[Api]:
    """An API server that is unreachable."""
    with httpx2.Client(base_url="http://127.0.0.1:1") as client:
        yield Api(client)


def test_a_controller_is_healthy_before_and_while_its_threads_run(api: Api) -> None:
    controller = Controller(api, OPTIONS, None)

    assert controller.liveness_problems() == [], "a probe may come before the threads do"
    with controller.running():
        assert controller.liveness_problems() == []


def test_a_controller_whose_threads_have_ended_is_not_healthy(api: Api) -> None:
    controller = Controller(api, OPTIONS, None)
    with controller.running():
        pass

    assert [problem for problem in controller.liveness_problems() if "worker 0" in problem]
