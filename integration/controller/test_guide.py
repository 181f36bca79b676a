"""The user guide's four blocks, as deploy/examples has them, from the Secret to the restored volume."""

from pathlib import Path

import pytest

from integration.controller.api import Resource
from integration.controller.control_plane import ControlPlane
from integration.controller.controller_process import ControllerProcess
from integration.controller.scene import GROUP, Scene
from integration.controller.test_backups import claim_of, container, environment
from integration.controller.test_restores import RESTORED

pytestmark = pytest.mark.needs("kubernetes")

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"


def resource(scene: Scene, kind: str, name: str) -> Resource:
    metadata = {"namespace": scene.namespace, "name": name}
    return scene.api.get({"apiVersion": GROUP, "kind": kind, "metadata": metadata})


def test_what_the_guide_says_works(scene: Scene, running: ControllerProcess, living_plane: ControlPlane) -> None:
    scene.claim("mydata")
    for block in ("secret.yaml", "backup.yaml"):
        living_plane.kubectl("apply", "-n", scene.namespace, "-f", EXAMPLES / block)
    source = resource(scene, "ReplicationSource", "mydata-backup")
    job = scene.job(source)
    assert container(job)["args"] == ["backup"]
    wanted = {
        "RETAIN_HOURLY": "6",
        "RETAIN_DAILY": "5",
        "RETAIN_WEEKLY": "4",
        "RETAIN_MONTHLY": "2",
        "RETAIN_YEARLY": "1",
        "PRUNE_INTERVAL_DAYS": "14",
    }
    assert wanted.items() <= environment(job).items()
    assert claim_of(job, "/data") != "mydata", "it is not a clone that is backed up"
    scene.ends(job)
    scene.until_reason(source, "WaitingForSchedule")

    living_plane.kubectl("apply", "-n", scene.namespace, "-f", EXAMPLES / "restore.yaml")
    destination = resource(scene, "ReplicationDestination", "datavol-dest")
    job = scene.job(destination)
    assert container(job)["args"] == ["restore"]
    assert claim_of(job, "/data") == "datavol"
    scene.ends(job, RESTORED)
    scene.until_synced(destination, "restore-once")
    scene.until_reason(destination, "WaitingForManual")

    shown = living_plane.kubectl("get", "-n", scene.namespace, "replicationsources,replicationdestinations")
    assert "mydata" in shown
    assert [r["message"] for r in running.records if r["level"] in {"warning", "error"}] == []
