"""The controller as a process: ready when it knows everything, and gone when it is asked to go."""

import signal
from pathlib import Path

import pytest

from integration.controller.control_plane import ControlPlane
from integration.controller.controller_process import ControllerProcess, controller
from integration.controller.scene import Scene
from integration.servers.relay import relay
from tests.mover_process import wait_until

pytestmark = pytest.mark.needs("kubernetes")


def test_it_is_ready_and_healthy_under_the_role_that_is_installed_and_no_other(running: ControllerProcess) -> None:
    assert running.answers("/readyz") == (200, "ok\n")
    assert running.answers("/healthz") == (200, "ok\n")
    assert [record for record in running.records if record["level"] != "info"] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_success_when_it_is_asked_to(running: ControllerProcess, number: signal.Signals) -> None:
    assert running.stop(number) == 0
    assert running.records[-1]["message"].startswith("stopping")


def test_it_may_be_started_before_the_api_server(
    living_plane: ControlPlane, account: Path, scene: Scene, tmp_path: Path
) -> None:
    with relay(living_plane.server) as line:
        line.refuse()
        cut = tmp_path / "kubeconfig"
        cut.write_text(account.read_text().replace(living_plane.server, line.endpoint))
        with controller(cut, tmp_path, f"--namespace={scene.namespace}", ready=False) as waiting:
            status, problems = waiting.answers("/readyz")
            assert status == 503
            assert "replicationsources: " in problems
            assert waiting.answers("/healthz") == (200, "ok\n"), "a restart would not bring the API server"
            line.let_pass()
            wait_until(lambda: waiting.answers("/readyz")[0] == 200, "the controller is ready")


def test_an_api_server_out_of_reach_makes_it_unready_until_it_is_back(
    living_plane: ControlPlane, account: Path, scene: Scene, tmp_path: Path
) -> None:
    with relay(living_plane.server) as line:
        cut = tmp_path / "kubeconfig"
        cut.write_text(account.read_text().replace(living_plane.server, line.endpoint))
        with controller(cut, tmp_path, f"--namespace={scene.namespace}") as running:
            line.refuse()
            wait_until(lambda: running.answers("/readyz")[0] == 503, "the controller is not ready")
            assert running.answers("/healthz")[0] == 200
            line.let_pass()
            wait_until(lambda: running.answers("/readyz")[0] == 200, "the controller is ready again")


def test_each_record_about_an_object_names_it(running: ControllerProcess, scene: Scene) -> None:
    scene.source("named")
    wait_until(lambda: bool(running.said("named")), "the controller says something about the source")
    (first, *_) = [r["object"] for r in running.records if (r.get("object") or {}).get("name") == "named"]
    assert first == {"kind": "ReplicationSource", "namespace": scene.namespace, "name": "named"}


def test_other_namespaces_are_left_alone(running: ControllerProcess, scene: Scene, living_plane: ControlPlane) -> None:
    other = Scene(living_plane.api, living_plane.namespace())
    other.source("elsewhere")
    scene.source("here")
    wait_until(lambda: bool(running.said("here")), "the controller says something about its own source")
    assert running.said("elsewhere") == []
