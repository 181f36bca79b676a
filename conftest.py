"""What holds for the tests of every tier: markers, and how a test is left out that this machine can't run.

What only one tier needs is in that tier's conftest.py: the unit tests want nothing but Python, pytest and hypothesis.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.support import fault_table, needs
from tests.support.golden import GoldenFiles

# A hung process must fail its own test, not the whole run. Not in pyproject.toml: pytest-timeout may not be there.
os.environ.setdefault("PYTEST_TIMEOUT", "300")

# What a test says must not depend on how busy the machine is.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

needs.register("root", "run as root", is_there=os.geteuid() == 0)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make golden` rewrite the golden files."""
    parser.addoption("--rewrite-golden", action="store_true", help="rewrite the files in tests/golden")


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    config.addinivalue_line("markers", "needs(what): leave the test out where the machine lacks it")
    config.addinivalue_line("markers", "fault(name): the test proves this row of docs/faults.md")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that need what this machine lacks."""
    needs.leave_out(config, items)


def pytest_report_header() -> list[str]:
    """Say what is left out."""
    return needs.report()


@pytest.fixture
def exit_code(request: pytest.FixtureRequest) -> int:
    """Give a test the exit code that docs/faults.md has for the fault it is marked with."""
    marker = request.node.get_closest_marker("fault")
    return fault_table.exit_codes()[marker.args[0]]


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> GoldenFiles:
    """The golden files, to compare a page with; `make golden` rewrites them."""
    return GoldenFiles(rewrite=bool(pytestconfig.getoption("--rewrite-golden")))
