"""Pods that are evicted are not the mover's failure, up to a point.

Where nothing happens by itself: Kubernetes takes ever longer to replace a pod that was disrupted.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.controller.api import Resource
from integration.controller.control_plane import ControlPlane
from integration.controller.controller_process import controller
from integration.controller.namespaces import TestNamespace

pytestmark = pytest.mark.needs("kubernetes")


@pytest.fixture
def quiet(plane: ControlPlane, namespace: str, tmp_path: Path) -> Iterator[TestNamespace]:
    """A namespace with a controller in which the test makes the pods of Jobs too."""
    with controller(plane.kubeconfig, tmp_path, f"--namespace={namespace}", "--no-spread"):
        yield TestNamespace(plane.api, namespace)


def evicted(test_namespace: TestNamespace, job: Resource, number: int) -> None:
    """Make a pod as Kubernetes would, and evict it."""
    template = job["spec"]["template"]
    labels = {**template["metadata"]["labels"], "batch.kubernetes.io/controller-uid": job["metadata"]["uid"]}
    container = {"name": template["spec"]["containers"][0]["name"], "image": "none"}
    test_namespace.create("v1", "ServiceAccount", f"account-{number}")
    spec = {"containers": [container], "serviceAccountName": f"account-{number}"}
    owner = {field: job[field] for field in ("apiVersion", "kind")}
    owner |= {field: job["metadata"][field] for field in ("name", "uid")} | {"controller": True}
    metadata = {
        "namespace": test_namespace.namespace,
        "name": f"mover-{number}",
        "labels": labels,
        "ownerReferences": [owner],
    }
    pod = test_namespace.create("v1", "Pod", f"mover-{number}", metadata=metadata, spec=spec)
    disruption = {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI"}
    test_namespace.api.set_status(pod, {"phase": "Failed", "conditions": [disruption]})


def test_two_evictions_are_ignored_and_the_third_ends_the_sync(quiet: TestNamespace) -> None:
    quiet.create_claim()
    source = quiet.create_source()
    job = quiet.wait_for_job(source)
    for number in range(2):
        evicted(quiet, job, number)
    assert quiet.condition(source).get("reason") == "SyncInProgress"
    evicted(quiet, job, 2)
    assert quiet.wait_for_reason(source, "Disrupted")["status"] == "False"
    quiet.wait_until(lambda: quiet.jobs(source) == [], "the Job is ended", source)
    assert quiet.status(source)["latestMoverStatus"]["result"] == "Failed"
