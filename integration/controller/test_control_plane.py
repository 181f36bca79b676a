"""The control plane other tests stand on behaves as its docstrings say."""

from typing import Any

import pytest

from integration.controller.control_plane import ControlPlane
from mover.controller.kube.api_errors import RefusedError
from tests.support.mover_process import wait_until

pytestmark = pytest.mark.needs("kubernetes")


def service_account(namespace: str, name: str = "someone") -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"namespace": namespace, "name": name}}


def claim(namespace: str) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    metadata = {"namespace": namespace, "name": "data"}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}


def job(namespace: str) -> dict[str, Any]:
    pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "none"}]}
    metadata = {"namespace": namespace, "name": "job"}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": {"spec": pod}}}


def test_a_service_account_without_a_role_can_do_nothing(plane: ControlPlane, namespace: str) -> None:
    plane.api.create(service_account(namespace))
    token = plane.token_of(namespace, "someone")
    with (
        plane.api_as(token) as someone,
        pytest.raises(RefusedError, match=r'"system:serviceaccount:.*:someone" cannot list'),
    ):
        someone.list("v1", "Pod", namespace)


def test_the_audit_log_has_the_user_of_each_request(plane: ControlPlane, namespace: str) -> None:
    plane.api.create(service_account(namespace, "asking"))
    mark = plane.audit.mark()
    with plane.api_as(plane.token_of(namespace, "asking")) as asking, pytest.raises(RefusedError):
        asking.list("v1", "Pod", namespace)
    (request,) = plane.audit.since(mark, f"system:serviceaccount:{namespace}:asking")
    assert (request.verb, request.resource, request.namespace, request.code) == ("list", "pods", namespace, 403)


def test_volume_snapshots_can_be_created(plane: ControlPlane, namespace: str) -> None:
    snapshot = {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshot",
        "metadata": {"namespace": namespace, "name": "first"},
        "spec": {"source": {"persistentVolumeClaimName": "data"}},
    }
    plane.api.create(snapshot)
    plane.api.set_status(snapshot, {"readyToUse": True})
    assert plane.api.get(snapshot)["status"] == {"readyToUse": True}


def test_without_controllers_a_deleted_object_is_gone_at_once(plane: ControlPlane, namespace: str) -> None:
    for made in (claim(namespace), job(namespace)):
        plane.api.create(made)
        plane.api.delete(made)
        assert plane.api.find(made) is None, f"the {made['kind']} is still there"


def test_deleting_a_job_deletes_its_pod(living_plane: ControlPlane) -> None:
    namespace = living_plane.create_namespace()
    wait_until(
        lambda: living_plane.api.find(service_account(namespace, "default")) is not None, "there is a service account"
    )
    living_plane.api.create(job(namespace))
    wait_until(lambda: bool(living_plane.api.list("v1", "Pod", namespace)), "the job has a pod")
    living_plane.api.delete(job(namespace))
    wait_until(lambda: not living_plane.api.list("v1", "Pod", namespace), "the pod is gone")
