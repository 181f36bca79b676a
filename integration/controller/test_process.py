"""The controller as a process: ready when it knows everything, and gone when it is asked to go."""

import signal
from pathlib import Path

import pytest

from integration.controller.control_plane import ControlPlane
from integration.controller.controller_process import ControllerProcess, controller
from integration.controller.namespaces import TestNamespace
from integration.servers.relay import relay
from tests.support.mover_process import wait_until

pytestmark = pytest.mark.needs("kubernetes")


def test_the_controller_is_ready_and_healthy_with_the_installed_role(running: ControllerProcess) -> None:
    assert running.probe("/readyz") == (200, "ok\n")
    assert running.probe("/healthz") == (200, "ok\n")
    assert [record for record in running.records if record["level"] != "info"] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_controller_ends_with_success_on_a_signal(running: ControllerProcess, number: signal.Signals) -> None:
    assert running.stop(number) == 0
    assert running.records[-1]["message"].startswith("stopping")


def test_the_controller_can_be_started_before_the_api_server(
    living_plane: ControlPlane, account: Path, test_namespace: TestNamespace, tmp_path: Path
) -> None:
    with relay(living_plane.server) as line:
        line.refuse()
        cut = tmp_path / "kubeconfig"
        cut.write_text(account.read_text().replace(living_plane.server, line.endpoint))
        with controller(cut, tmp_path, f"--namespace={test_namespace.namespace}", ready=False) as waiting:
            status, problems = waiting.probe("/readyz")
            assert status == 503
            assert "replicationsources: " in problems
            assert waiting.probe("/healthz") == (200, "ok\n"), "a restart would not bring the API server"
            line.let_pass()
            wait_until(lambda: waiting.probe("/readyz")[0] == 200, "the controller is ready")


def test_the_controller_is_not_ready_while_the_api_server_is_unreachable(
    living_plane: ControlPlane, account: Path, test_namespace: TestNamespace, tmp_path: Path
) -> None:
    with relay(living_plane.server) as line:
        cut = tmp_path / "kubeconfig"
        cut.write_text(account.read_text().replace(living_plane.server, line.endpoint))
        with controller(cut, tmp_path, f"--namespace={test_namespace.namespace}") as running:
            line.refuse()
            wait_until(lambda: running.probe("/readyz")[0] == 503, "the controller is not ready")
            assert running.probe("/healthz")[0] == 200
            line.let_pass()
            wait_until(lambda: running.probe("/readyz")[0] == 200, "the controller is ready again")


def test_each_log_record_about_an_object_names_it(running: ControllerProcess, test_namespace: TestNamespace) -> None:
    test_namespace.create_source("named")
    wait_until(lambda: bool(running.messages_about("named")), "the controller says something about the source")
    (first, *_) = [r["object"] for r in running.records if (r.get("object") or {}).get("name") == "named"]
    assert first == {"kind": "ReplicationSource", "namespace": test_namespace.namespace, "name": "named"}


def test_other_namespaces_are_left_alone(
    running: ControllerProcess, test_namespace: TestNamespace, living_plane: ControlPlane
) -> None:
    other = TestNamespace(living_plane.api, living_plane.create_namespace())
    other.create_source("elsewhere")
    test_namespace.create_source("here")
    wait_until(lambda: bool(running.messages_about("here")), "the controller says something about its own source")
    assert running.messages_about("elsewhere") == []
