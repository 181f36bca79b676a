"""The control planes that tests share: one of each kind for each process of the test run.

Tests keep apart by namespace; what has none (a storage class, a volume) they name after theirs.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.controller.control_plane import ControlPlane, control_plane
from integration.controller.controller_process import ControllerProcess, controller
from integration.controller.namespaces import TestNamespace

DEPLOY = Path(__file__).parents[2] / "deploy"


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
    return plane.create_namespace()


@pytest.fixture(scope="session")
def account(living_plane: ControlPlane) -> Path:
    """The kubeconfig of the controller as `kubectl apply -k deploy/` installs it: it may do what that role says."""
    living_plane.kubectl("apply", "-k", DEPLOY)
    living_plane.kubectl("wait", "--for", "condition=established", "crd", "--all", "--timeout=60s")
    token = living_plane.token_of("scribe-system", "scribe-controller")
    return living_plane.write_kubeconfig(living_plane.folder / "controller.kubeconfig", token)


@pytest.fixture
def test_namespace(living_plane: ControlPlane) -> TestNamespace:
    """A namespace in which Jobs get pods, and whose nodes a test plays itself."""
    return TestNamespace(living_plane.api, living_plane.create_namespace())


@pytest.fixture
def running(test_namespace: TestNamespace, account: Path, tmp_path: Path) -> Iterator[ControllerProcess]:
    """A controller for the test's namespace."""
    with controller(account, tmp_path, f"--namespace={test_namespace.namespace}", "--no-spread") as started:
        yield started
