"""A namespace with volumes, resources and pods: what users write, and the parts of a cluster that are missing.

There is no kubelet and no storage driver: a test writes what they would.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from integration.controller.api import Api, Resource
from mover.controller.kube.api_errors import RefusedError
from mover.controller.resources.names import OWNER_LABEL
from tests.support import manifests
from tests.support.mover_process import wait_until

SECONDS = 100.0
POLL_SECONDS = 0.05

GROUP = "scribe.backube/v1alpha1"
SNAPSHOTS = "snapshot.storage.k8s.io/v1"

DONE: dict[str, Any] = {
    "version": "0.1.0",
    "outcome": "done",
    "exitCode": 0,
    "message": "snapshot 44141578 saved with 13 files, 107.592 KiB",
    "operations": [{"operation": "backup", "outcome": "done", "seconds": 3.1}],
    "snapshot": {
        "id": "44141578" * 8,
        "time": "2026-11-24T12:00:00Z",
        "files": 13,
        "bytes": 110174,
        "new": 13,
        "changed": 0,
        "added": 110174,
        "complete": True,
    },
    "restored": None,
    "pruned": None,
    "checked": None,
    "unreadable": {"count": 0, "files": []},
    "warnings": [],
}
"""The outcome of a backup that succeeded."""


def failure(outcome: str, code: int, message: str) -> dict[str, Any]:
    """Return the outcome of a backup that failed."""
    return DONE | {"outcome": outcome, "exitCode": code, "message": message, "snapshot": None}


def _container(pod: Resource, state: Resource) -> Resource:
    made = pod["spec"]["containers"][0]
    return {"name": made["name"], "image": made["image"], "imageID": "", "ready": False, "restartCount": 0} | {
        "state": state
    }


@dataclass(frozen=True)
class TestNamespace:
    """One namespace, as its user and its nodes write to it."""

    __test__: ClassVar[bool] = False
    """No class of tests, whatever pytest makes of its name."""

    api: Api
    namespace: str

    def create(self, api: str, kind: str, name: str, **fields: Any) -> Resource:  # noqa: ANN401  any field
        """Create an object."""
        metadata = fields.pop("metadata", {"namespace": self.namespace, "name": name})
        return self.api.create({"apiVersion": api, "kind": kind, "metadata": metadata, **fields})

    def create_secret(self, name: str = "restic-config") -> Resource:
        """Create the Secret of a repository."""
        return self.create(
            "v1", "Secret", name, stringData={"RESTIC_REPOSITORY": "/nowhere", "RESTIC_PASSWORD": "none"}
        )

    def create_claim(
        self,
        name: str = "mydata",
        *,
        size: str = "1Gi",
        storage_class: str = "",
        **spec: Any,  # noqa: ANN401
    ) -> Resource:
        """Create a volume claim; no volume is provided for it."""
        given = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **spec}
        return self.create("v1", "PersistentVolumeClaim", name, spec={**given, "storageClassName": storage_class})

    def create_source(
        self,
        name: str = "mydata-backup",
        *,
        spec: Mapping[str, Any] | None = None,
        **restic: Any,  # noqa: ANN401
    ) -> Resource:
        """Create a ReplicationSource with a manual trigger, unless the `spec` has another; `restic` adds to it."""
        fields = {"sourcePVC": "mydata", **(spec or {})}
        made = manifests.source({"manual": "first"}, name=name, namespace=self.namespace, spec=fields, **restic)
        return self.api.create(made)

    def create_destination(
        self,
        name: str = "mydata-restore",
        *,
        spec: Mapping[str, Any] | None = None,
        **restic: Any,  # noqa: ANN401
    ) -> Resource:
        """Create a ReplicationDestination with a manual trigger, unless the `spec` has another."""
        made = manifests.destination({"manual": "first"}, name=name, namespace=self.namespace, spec=spec, **restic)
        return self.api.create(made if "destinationPVC" in restic else manifests.without(made, "destinationPVC"))

    def change(self, resource: Resource, **spec: Any) -> Resource:  # noqa: ANN401
        """Change fields of a resource's spec."""
        return self.api.merge(resource, {"spec": spec})

    def owned_by(self, resource: Resource, api: str, kind: str) -> list[Resource]:
        """Return the objects of a kind that the controller made for a resource."""
        uid = resource["metadata"]["uid"]
        found = self.api.list(api, kind, self.namespace)
        return [
            {"apiVersion": api, "kind": kind, **item}
            for item in found
            if (item["metadata"].get("labels") or {}).get(OWNER_LABEL) == uid
        ]

    def jobs(self, resource: Resource) -> list[Resource]:
        """Return the Jobs of a resource that are not being deleted."""
        return [job for job in self.owned_by(resource, "batch/v1", "Job") if "deletionTimestamp" not in job["metadata"]]

    def claims(self, resource: Resource) -> dict[str, Resource]:
        """Return the claims that the controller made for a resource, by name."""
        return {c["metadata"]["name"]: c for c in self.owned_by(resource, "v1", "PersistentVolumeClaim")}

    def snapshots(self, resource: Resource) -> list[Resource]:
        """Return the VolumeSnapshots that the controller made for a resource."""
        return self.owned_by(resource, SNAPSHOTS, "VolumeSnapshot")

    def wait_for_job(self, resource: Resource, other_than: Resource | None = None) -> Resource:
        """Wait for a resource's Job, and return it."""
        known = other_than["metadata"]["uid"] if other_than else None
        found: list[Resource] = []

        def there() -> bool:
            found[:] = [job for job in self.jobs(resource) if job["metadata"]["uid"] != known]
            return bool(found)

        self.wait_until(there, "its Job is made", resource)
        assert len(found) == 1, f"{resource['metadata']['name']} has {len(found)} Jobs at a time"
        return found[0]

    def wait_for_pod(self, job: Resource) -> Resource:
        """Wait for the pod that Kubernetes makes for a Job, and return the one that has not ended."""
        found: list[Resource] = []

        def there() -> bool:
            found[:] = [
                {"apiVersion": "v1", "kind": "Pod", **pod}
                for pod in self.api.list("v1", "Pod", self.namespace)
                if pod["metadata"].get("labels", {}).get("batch.kubernetes.io/controller-uid") == job["metadata"]["uid"]
                and pod["status"].get("phase") not in {"Succeeded", "Failed"}
                and "deletionTimestamp" not in pod["metadata"]
            ]
            return bool(found)

        wait_until(there, f"Kubernetes makes a pod for {job['metadata']['name']}")
        return found[0]

    def end_job(self, job: Resource, outcome: Mapping[str, Any] = DONE, **terminated: Any) -> Resource:  # noqa: ANN401
        """Play the end of a mover's pod: the outcome is its termination message, `terminated` adds to its state."""
        pod = self.wait_for_pod(job)
        code = int(terminated.pop("exitCode", outcome.get("exitCode", 1)))
        message = json.dumps(outcome) if outcome else ""
        end = {"exitCode": code, "message": message, "reason": "Error" if code else "Completed", **terminated}
        state = {"terminated": {**end, "startedAt": "2026-11-24T12:00:00Z", "finishedAt": "2026-11-24T12:00:03Z"}}
        self.api.set_status(
            pod,
            {
                "phase": "Failed" if code else "Succeeded",
                "containerStatuses": [_container(pod, state)],
            },
        )
        return pod

    def keep_waiting(self, job: Resource, reason: str, message: str) -> None:
        """Play a pod whose container can't be started."""
        pod = self.wait_for_pod(job)
        state = {"waiting": {"reason": reason, "message": message}}
        self.api.set_status(pod, {"phase": "Pending", "containerStatuses": [_container(pod, state)]})

    def create_pod_using(self, claim: str, name: str = "app") -> Resource:
        """Create a pod that has a volume mounted and runs, on the node `node-a`."""
        volume = {"name": "data", "persistentVolumeClaim": {"claimName": claim}}
        mount = {"name": "data", "mountPath": "/data"}
        toleration = {"key": "storage", "operator": "Exists", "effect": "NoSchedule"}
        spec = {
            "nodeName": "node-a",
            "containers": [{"name": "app", "image": "none", "volumeMounts": [mount]}],
            "volumes": [volume],
            "tolerations": [toleration],
        }
        pod = self.create("v1", "Pod", name, spec=spec)
        self.api.set_status(pod, {"phase": "Running"})
        return pod

    def delete_pod(self, pod: Resource) -> None:
        """Delete a pod at once, as a node does when its containers have ended."""
        self.api.request(
            "DELETE",
            f"/api/v1/namespaces/{self.namespace}/pods/{pod['metadata']['name']}",
            {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0},
        )

    def make_ready(self, snapshot: Resource) -> None:
        """Play the storage driver that has taken a snapshot."""
        status = {"boundVolumeSnapshotContentName": f"content-{secrets.token_hex(4)}", "readyToUse": True}
        self.api.set_status(snapshot, {**status, "restoreSize": "1Gi"})

    def status(self, resource: Resource) -> dict[str, Any]:
        """Return the status of a resource as it is now."""
        found = self.api.find(resource) or {}
        return dict(found.get("status") or {})

    def condition(self, resource: Resource, kind: str = "Synchronizing") -> dict[str, Any]:
        """Return a condition of a resource; empty if there is none of this type."""
        conditions = self.status(resource).get("conditions") or []
        return next((c for c in conditions if c["type"] == kind), {})

    def events(self, resource: Resource) -> list[tuple[str, str, str]]:
        """Return type, reason and message of the events about a resource."""
        uid = resource["metadata"]["uid"]
        found = self.api.list("v1", "Event", self.namespace)
        return [(e["type"], e["reason"], e["message"]) for e in found if e["involvedObject"].get("uid") == uid]

    def wait_until(self, happens: Callable[[], bool], what: str, resource: Resource) -> None:
        """Wait for something; on a timeout, the failure shows the state of the resource and its Jobs."""
        deadline = time.monotonic() + SECONDS
        pause = threading.Event()
        while not happens():
            if time.monotonic() > deadline:
                jobs = [(job["metadata"]["name"], job.get("status")) for job in self.jobs(resource)]
                owned = [*self.claims(resource), *(s["metadata"]["name"] for s in self.snapshots(resource))]
                details = f"its status: {self.status(resource)}; its Jobs: {jobs}; its volumes: {owned}"
                raise AssertionError(f"timed out waiting until {what}; {details}")
            pause.wait(POLL_SECONDS)

    def wait_for_reason(self, resource: Resource, reason: str, kind: str = "Synchronizing") -> dict[str, Any]:
        """Wait until a condition has this reason, and return it."""
        what = f"{kind} is {reason}"
        self.wait_until(lambda: self.condition(resource, kind).get("reason") == reason, what, resource)
        return self.condition(resource, kind)

    def wait_for_sync(self, resource: Resource, tag: str = "first") -> dict[str, Any]:
        """Wait until the sync that a manual tag started is recorded, and return the status."""
        self.wait_until(
            lambda: self.status(resource).get("lastManualSync") == tag, f"the sync {tag} is recorded", resource
        )
        return self.status(resource)

    def is_accepted(self, resource: Mapping[str, Any]) -> bool:
        """Create an object, and return whether the API server accepted it."""
        try:
            self.api.create(resource, strict=False)
        except RefusedError:
            return False
        return True
