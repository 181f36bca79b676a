"""Which tests this machine can't run: left out by name, never counted as done."""

import os

import pytest
from hypothesis import HealthCheck, settings

from integration.controller import control_plane
from integration.servers import azure, google, minio, rest, sftp, swift
from tests import faults, memory_group

pytest_plugins = ["tests.movers"]

# What a test says must not depend on how busy the machine is.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

MISSING = {
    need: why
    for need, why, there in [
        ("root", "run as root", os.geteuid() == 0),
        ("minio", "install Go for MinIO, then run `make tools`", minio.BINARY.exists()),
        ("rest-server", "run `make tools` on a Debian", rest.BINARY.exists()),
        ("sshd", "install openssh-server and openssh-client, or run `make tools` on a Debian", sftp.is_there()),
        ("azurite", "install Node.js with npm and Go, then run `make tools`", azure.is_there()),
        ("fake-gcs-server", "install Go, then run `make tools`", google.is_there()),
        ("swift", "run `make tools` on a Debian", swift.is_there()),
        ("memory groups", "let root make control groups with memory limits", memory_group.is_there()),
        ("kubernetes", "install Go on a Debian for a control plane, then run `make tools`", control_plane.is_there()),
    ]
    if not there
}


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    config.addinivalue_line("markers", "needs(what): leave the test out where the machine lacks it")
    config.addinivalue_line("markers", "fault(name): the test proves this row of docs/faults.md")


def _lacks(item: pytest.Item) -> set[str]:
    return {need for marker in item.iter_markers("needs") for need in marker.args} & MISSING.keys()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that need what this machine lacks."""
    left_out = [item for item in items if _lacks(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not _lacks(item)]


def pytest_report_header() -> list[str]:
    """Say what is left out, and what would bring it back."""
    return [f"NOT TESTED: whatever needs {need}; {why}" for need, why in MISSING.items()]


@pytest.fixture
def verdict(request: pytest.FixtureRequest) -> int:
    """Give a test the exit code that docs/faults.md has for the fault it is marked with."""
    marker = request.node.get_closest_marker("fault")
    return faults.verdicts()[marker.args[0]]
