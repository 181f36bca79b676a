import socket
import urllib.error
import urllib.request

import pytest

from mover.controller import health
from tests.support.ports import LOOPBACK, reserved


def answer(port: int, path: str, host: str = LOOPBACK) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_response_is_ok_without_problems(path: str) -> None:
    with reserved() as port, health.serving((LOOPBACK, port), list, list):
        assert answer(port, path) == (200, "ok\n")


def test_each_problem_is_in_the_response_of_its_own_path() -> None:
    problems = ["jobs: not listed yet", "pods: not listed yet"]
    with reserved() as port, health.serving((LOOPBACK, port), list, lambda: problems):
        assert answer(port, "/readyz") == (503, "jobs: not listed yet\npods: not listed yet\n")
        assert answer(port, "/healthz?verbose") == (200, "ok\n")


def test_other_paths_are_not_found() -> None:
    with reserved() as port, health.serving((LOOPBACK, port), list, list):
        assert answer(port, "/")[0] == 404


def test_an_ipv6_address_is_served() -> None:
    with reserved() as port, health.serving(("::1", port), list, list):
        assert answer(port, "/healthz", "[::1]") == (200, "ok\n")


def test_a_server_on_ipv6_accepts_ipv4_too() -> None:
    with reserved() as port, health.serving((f"::ffff:{LOOPBACK}", port), list, list):
        assert answer(port, "/healthz") == (200, "ok\n")


@pytest.mark.parametrize(
    ("host", "bound"),
    [
        ("", (socket.AF_INET6, ("::", 8081))),
        ("::", (socket.AF_INET6, ("::", 8081))),
        ("127.0.0.1", (socket.AF_INET, ("127.0.0.1", 8081))),
        ("localhost", (socket.AF_INET, ("localhost", 8081))),
    ],
)
def test_without_a_host_all_addresses_of_both_families_are_bound(host: str, bound: object) -> None:
    assert health.bind_address(host, 8081) == bound
