"""A namespace with volumes, resources and pods: what users write, and the parts of a cluster that are not there.

There is no kubelet and no storage driver: a scene writes what they would.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from integration.controller.api import Api, RefusedError, Resource
from mover.controller.resources.names import OWNER_LABEL
from tests.mover_process import wait_until

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
"""What a mover says of a backup that went well."""


def failed(outcome: str, code: int, message: str) -> dict[str, Any]:
    """Return what a mover says of a backup that failed."""
    return DONE | {"outcome": outcome, "exitCode": code, "message": message, "snapshot": None}


def _container(pod: Resource, state: Resource) -> Resource:
    made = pod["spec"]["containers"][0]
    return {"name": made["name"], "image": made["image"], "imageID": "", "ready": False, "restartCount": 0} | {
        "state": state
    }


@dataclass(frozen=True)
class Scene:
    """One namespace, as its user and its nodes write to it."""

    api: Api
    namespace: str

    def make(self, api: str, kind: str, name: str, **fields: Any) -> Resource:  # noqa: ANN401  any field
        """Create an object."""
        metadata = fields.pop("metadata", {"namespace": self.namespace, "name": name})
        return self.api.create({"apiVersion": api, "kind": kind, "metadata": metadata, **fields})

    def secret(self, name: str = "restic-config") -> Resource:
        """Create the Secret of a repository."""
        return self.make("v1", "Secret", name, stringData={"RESTIC_REPOSITORY": "/nowhere", "RESTIC_PASSWORD": "none"})

    def claim(self, name: str = "mydata", *, size: str = "1Gi", storage_class: str = "", **spec: Any) -> Resource:  # noqa: ANN401
        """Create a volume claim; nobody provides a volume for it."""
        given = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **spec}
        return self.make("v1", "PersistentVolumeClaim", name, spec={**given, "storageClassName": storage_class})

    def source(self, name: str = "mydata-backup", *, spec: Mapping[str, Any] | None = None, **restic: Any) -> Resource:  # noqa: ANN401
        """Create a ReplicationSource with a manual trigger, unless the `spec` has another; `restic` adds to it."""
        method = {"repository": "restic-config", "copyMethod": "None", "retain": {"daily": 7}, **restic}
        whole = {"sourcePVC": "mydata", "trigger": {"manual": "first"}, **(spec or {}), "restic": method}
        return self.make(GROUP, "ReplicationSource", name, spec=whole)

    def destination(
        self,
        name: str = "mydata-restore",
        *,
        spec: Mapping[str, Any] | None = None,
        **restic: Any,  # noqa: ANN401
    ) -> Resource:
        """Create a ReplicationDestination with a manual trigger, unless the `spec` has another."""
        method = {"repository": "restic-config", "copyMethod": "None", **restic}
        return self.make(
            GROUP,
            "ReplicationDestination",
            name,
            spec={"trigger": {"manual": "first"}, **(spec or {}), "restic": method},
        )

    def change(self, resource: Resource, **spec: Any) -> Resource:  # noqa: ANN401
        """Change fields of a resource's spec."""
        return self.api.merge(resource, {"spec": spec})

    def of(self, resource: Resource, api: str, kind: str) -> list[Resource]:
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
        return [job for job in self.of(resource, "batch/v1", "Job") if "deletionTimestamp" not in job["metadata"]]

    def claims(self, resource: Resource) -> dict[str, Resource]:
        """Return the claims that the controller made for a resource, by name."""
        return {c["metadata"]["name"]: c for c in self.of(resource, "v1", "PersistentVolumeClaim")}

    def snapshots(self, resource: Resource) -> list[Resource]:
        """Return the VolumeSnapshots that the controller made for a resource."""
        return self.of(resource, SNAPSHOTS, "VolumeSnapshot")

    def job(self, resource: Resource, other_than: Resource | None = None) -> Resource:
        """Wait for a resource's Job, and return it."""
        known = other_than["metadata"]["uid"] if other_than else None
        found: list[Resource] = []

        def there() -> bool:
            found[:] = [job for job in self.jobs(resource) if job["metadata"]["uid"] != known]
            return bool(found)

        self.until(there, "its Job is made", resource)
        assert len(found) == 1, f"{resource['metadata']['name']} has {len(found)} Jobs at a time"
        return found[0]

    def pod(self, job: Resource) -> Resource:
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

    def ends(self, job: Resource, outcome: Mapping[str, Any] = DONE, **terminated: Any) -> Resource:  # noqa: ANN401
        """Play the end of a mover's pod, with this outcome as its last words; `terminated` is what else is known."""
        pod = self.pod(job)
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

    def waits(self, job: Resource, reason: str, message: str) -> None:
        """Play a pod whose container can't be started."""
        pod = self.pod(job)
        state = {"waiting": {"reason": reason, "message": message}}
        self.api.set_status(pod, {"phase": "Pending", "containerStatuses": [_container(pod, state)]})

    def user(self, claim: str, name: str = "app") -> Resource:
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
        pod = self.make("v1", "Pod", name, spec=spec)
        self.api.set_status(pod, {"phase": "Running"})
        return pod

    def gone(self, pod: Resource) -> None:
        """Delete a pod at once, as when its node says that it has ended."""
        self.api.ask(
            "DELETE",
            f"/api/v1/namespaces/{self.namespace}/pods/{pod['metadata']['name']}",
            {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0},
        )

    def ready(self, snapshot: Resource) -> None:
        """Play the storage driver that has taken a snapshot."""
        status = {"boundVolumeSnapshotContentName": f"content-{secrets.token_hex(4)}", "readyToUse": True}
        self.api.set_status(snapshot, {**status, "restoreSize": "1Gi"})

    def status(self, resource: Resource) -> dict[str, Any]:
        """Return the status of a resource as it is now."""
        found = self.api.find(resource) or {}
        return dict(found.get("status") or {})

    def condition(self, resource: Resource, kind: str = "Synchronizing") -> dict[str, Any]:
        """Return a condition of a resource; empty where there is none of this type."""
        conditions = self.status(resource).get("conditions") or []
        return next((c for c in conditions if c["type"] == kind), {})

    def events(self, resource: Resource) -> list[tuple[str, str, str]]:
        """Return type, reason and message of the events about a resource."""
        uid = resource["metadata"]["uid"]
        found = self.api.list("v1", "Event", self.namespace)
        return [(e["type"], e["reason"], e["message"]) for e in found if e["involvedObject"].get("uid") == uid]

    def until(self, happens: Callable[[], bool], what: str, resource: Resource) -> None:
        """Wait for something; where it never comes, the failure shows how the resource and its Jobs fare."""
        deadline = time.monotonic() + SECONDS
        pause = threading.Event()
        while not happens():
            if time.monotonic() > deadline:
                jobs = [(job["metadata"]["name"], job.get("status")) for job in self.jobs(resource)]
                owned = [*self.claims(resource), *(s["metadata"]["name"] for s in self.snapshots(resource))]
                told = f"its status: {self.status(resource)}; its Jobs: {jobs}; its volumes: {owned}"
                raise AssertionError(f"it never came to pass that {what}; {told}")
            pause.wait(POLL_SECONDS)

    def until_reason(self, resource: Resource, reason: str, kind: str = "Synchronizing") -> dict[str, Any]:
        """Wait until a condition has this reason, and return it."""
        what = f"{kind} is {reason}"
        self.until(lambda: self.condition(resource, kind).get("reason") == reason, what, resource)
        return self.condition(resource, kind)

    def until_synced(self, resource: Resource, tag: str = "first") -> dict[str, Any]:
        """Wait until the sync that a manual tag asked for has been counted, and return the status."""
        self.until(lambda: self.status(resource).get("lastManualSync") == tag, f"the sync {tag} counts", resource)
        return self.status(resource)

    def is_taken(self, resource: Mapping[str, Any]) -> bool:
        """Create an object, and say whether the API server took it."""
        try:
            self.api.create(resource, strict=False)
        except RefusedError:
            return False
        return True
