import urllib.error
import urllib.request

import pytest

from integration.servers.ports import LOOPBACK, reserved
from mover.controller import health


def answer(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}{path}", timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_all_is_well_where_there_is_no_problem(path: str) -> None:
    with reserved() as port, health.serving((LOOPBACK, port), list, list):
        assert answer(port, path) == (200, "ok\n")


def test_each_problem_is_told_and_only_where_it_belongs() -> None:
    problems = ["jobs: not listed yet", "pods: not listed yet"]
    with reserved() as port, health.serving((LOOPBACK, port), list, lambda: problems):
        assert answer(port, "/readyz") == (503, "jobs: not listed yet\npods: not listed yet\n")
        assert answer(port, "/healthz?verbose") == (200, "ok\n")


def test_other_paths_are_not_there() -> None:
    with reserved() as port, health.serving((LOOPBACK, port), list, list):
        assert answer(port, "/")[0] == 404
