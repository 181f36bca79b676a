"""The control planes that tests share: one of each kind for each process of the test run.

Tests keep apart by namespace; what has none (a storage class, a volume) they name after theirs.
"""

from collections.abc import Iterator

import pytest

from integration.controller.control_plane import ControlPlane, control_plane


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """An API server where nothing happens by itself; tests that use it need("kubernetes")."""
    with control_plane(tmp_path_factory.mktemp("plane")) as started:
        yield started


@pytest.fixture(scope="session")
def living_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """An API server with Kubernetes' own controllers at work; tests that use it need("kubernetes")."""
    with control_plane(tmp_path_factory.mktemp("living"), controllers=True) as started:
        yield started


@pytest.fixture
def namespace(plane: ControlPlane) -> str:
    """A namespace of the test's own in `plane`."""
    return plane.namespace()
