"""The user guide's four blocks, as deploy/examples has them, from the Secret to the restored volume."""

from pathlib import Path

import pytest

from integration.controller.api import Resource
from integration.controller.control_plane import ControlPlane
from integration.controller.controller_process import ControllerProcess
from integration.controller.namespaces import GROUP, TestNamespace
from integration.controller.test_backups import claim_of, container, environment
from integration.controller.test_restores import RESTORED

pytestmark = pytest.mark.needs("kubernetes")

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"


def resource(test_namespace: TestNamespace, kind: str, name: str) -> Resource:
    metadata = {"namespace": test_namespace.namespace, "name": name}
    return test_namespace.api.get({"apiVersion": GROUP, "kind": kind, "metadata": metadata})


def test_the_examples_of_the_guide_back_up_and_restore(
    test_namespace: TestNamespace, running: ControllerProcess, living_plane: ControlPlane
) -> None:
    test_namespace.create_claim("mydata")
    for block in ("secret.yaml", "backup.yaml"):
        living_plane.kubectl("apply", "-n", test_namespace.namespace, "-f", EXAMPLES / block)
    source = resource(test_namespace, "ReplicationSource", "mydata-backup")
    job = test_namespace.wait_for_job(source)
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
    test_namespace.end_job(job)
    test_namespace.wait_for_reason(source, "WaitingForSchedule")

    living_plane.kubectl("apply", "-n", test_namespace.namespace, "-f", EXAMPLES / "restore.yaml")
    destination = resource(test_namespace, "ReplicationDestination", "datavol-dest")
    job = test_namespace.wait_for_job(destination)
    assert container(job)["args"] == ["restore"]
    assert claim_of(job, "/data") == "datavol"
    test_namespace.end_job(job, RESTORED)
    test_namespace.wait_for_sync(destination, "restore-once")
    test_namespace.wait_for_reason(destination, "WaitingForManual")

    shown = living_plane.kubectl("get", "-n", test_namespace.namespace, "replicationsources,replicationdestinations")
    assert "mydata" in shown
    assert [r["message"] for r in running.records if r["level"] in {"warning", "error"}] == []
