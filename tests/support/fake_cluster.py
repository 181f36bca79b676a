"""A small model of a cluster for one resource: optimistic locking, old views, and those who play their part in it."""

import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from mover.controller.api.conditions import Type
from mover.controller.kube.kinds import JOB, POD, VOLUME_CLAIM, VOLUME_SNAPSHOT, Kind
from mover.controller.kube.writes import Create, Delete, Event, Patch, PatchStatus, Write
from mover.controller.reconcile.decide import Options, decide
from mover.controller.reconcile.decision import Decision
from mover.controller.resources.names import OWNER_LABEL
from mover.controller.resources.observed import Observed
from mover.controller.resources.ownership import attempt_of, is_owned
from mover.platform.clock import write_time
from tests.support.manifests import Object, claim

START = datetime(2026, 1, 1, 0, 7, tzinfo=UTC)
OPTIONS = Options("registry.example/mover:1", spread=timedelta())

AnyT = TypeVar("AnyT")


def copied(value: AnyT) -> AnyT:
    """Return a deep copy, many times faster than copy.deepcopy does."""
    copy: AnyT = pickle.loads(pickle.dumps(value))  # noqa: S301  our own data
    return copy


class Conflict(Exception):  # noqa: N818  it is what the API server answers
    """The object has changed, or is there already."""


def outcome(code: int = 0, **fields: Any) -> str:  # noqa: ANN401  any field
    return json.dumps({"exitCode": code, "message": f"It ended with {code}.", **fields})


def admitted(manifest: Object) -> Object:
    """Return an object as the API server stores it: with a uid, a version and a time, unless it has them."""
    name = manifest["metadata"]["name"]
    added = {"uid": f"uid-{name}", "resourceVersion": "1", "generation": 1, "creationTimestamp": write_time(START)}
    return {**manifest, "metadata": {**added, **manifest["metadata"]}}


@dataclass
class FakeCluster:
    """Everything of one namespace. What is deleted goes at once, except a pod that runs."""

    resource: Object
    now: datetime = START
    objects: dict[tuple[Kind, str], Object] = field(default_factory=dict)
    history: list[bytes] = field(default_factory=list)
    """The resource and all objects after each write, pickled."""
    version: int = 1
    events: list[Event] = field(default_factory=list)
    made: list[Object] = field(default_factory=list)
    """Every Job that was ever made."""

    def __post_init__(self) -> None:
        self.resource = admitted(self.resource)
        self.objects[VOLUME_CLAIM, "data"] = claim()
        self.remember()

    @property
    def status(self) -> Object:
        found: Object = self.resource.get("status", {})
        return found

    def synchronizing(self) -> Object:
        return self.condition(Type.SYNCHRONIZING)

    def condition(self, type_: str) -> Object:
        return next((c for c in self.status.get("conditions", []) if c["type"] == type_), {})

    def of(self, kind: Kind) -> list[Object]:
        return [item for (known, _), item in self.objects.items() if known == kind]

    def job(self) -> Object | None:
        return next(iter(self.of(JOB)), None)

    def mover(self) -> Object | None:
        """Return the newest pod of the resource."""
        pods = [p for p in self.of(POD) if (p["metadata"].get("labels") or {}).get(OWNER_LABEL)]
        return pods[-1] if pods else None

    def observe(self, age: int = 0, age_around: int | None = None, **around: Any) -> Observed:  # noqa: ANN401  any field
        """Look at the resource as it was so many writes ago, and at all around it, which may be seen apart."""
        seen, objects = self._state(age)
        if age_around is not None and age_around != age:
            objects = self._state(age_around)[1]

        def of(kind: Kind) -> tuple[Object, ...]:
            return tuple(item for (known, _), item in objects.items() if known == kind)

        known: dict[str, Any] = {
            "sources": (seen,),
            "jobs": of(JOB),
            "pods": of(POD),
            "claims": of(VOLUME_CLAIM),
            "snapshots": of(VOLUME_SNAPSHOT),
            "storage_classes": ({"metadata": {"name": "fast"}, "allowVolumeExpansion": True},),
            "snapshot_classes": ({"metadata": {"name": "snaps"}},),
        }
        return Observed(**{"resource": seen, "now": self.now, **known, **around})

    def _state(self, age: int) -> tuple[Object, dict[tuple[Kind, str], Object]]:
        """Return a copy of the resource and all objects as they were so many writes ago, or in the beginning."""
        state: tuple[Object, dict[tuple[Kind, str], Object]]
        state = pickle.loads(self.history[max(-len(self.history), -1 - age)])  # noqa: S301  our own data
        return state

    def remember(self) -> None:
        for key, item in self.objects.items():
            self.objects[key] = admitted(item)
        self.history.append(pickle.dumps((self.resource, self.objects)))

    def step(
        self,
        age: int = 0,
        age_around: int | None = None,
        writes: int | None = None,
        **around: Any,  # noqa: ANN401  any field of Observed
    ) -> Decision:
        """Decide and write as the controller does; it is killed after so many ``writes``."""
        decision = decide(self.observe(age, age_around, **around), OPTIONS)
        try:
            for write in decision.writes[:writes]:
                self.write(write)
        except Conflict:
            pass
        return decision

    def step_with(self, **around: Any) -> Decision:  # noqa: ANN401  any field of Observed
        """Decide with something else around, and write."""
        decision = decide(self.observe(**around), OPTIONS)
        for write in decision.writes:
            self.write(write)
        return decision

    def settle(self, most: int = 30) -> None:
        """Look and write until nothing more is to be done at this time."""
        for _ in range(most):
            if not self.step().writes:
                return
        raise AssertionError(f"it does not become stable: {self.step()}")

    def write(self, write: Write) -> None:
        match write:
            case Create(kind, body):
                self._create(kind, body)
            case Patch(kind, name, body):
                self._merge(self.objects[kind, name], body)
            case PatchStatus(body):
                self._merge(self.resource, body)
            case Delete(kind, name, uid):
                if (kind, name) in self.objects and self.objects[kind, name]["metadata"]["uid"] == uid:
                    self.delete(kind, name)
            case Event():
                self.events.append(write)
        self.remember()

    def delete(self, kind: Kind, name: str) -> None:
        """Delete an object; the pods of a Job are stopped, and go if they have ended."""
        gone = self.objects.pop((kind, name))
        for pod in self.of(POD):
            if any(owner["uid"] == gone["metadata"]["uid"] for owner in pod["metadata"].get("ownerReferences", [])):
                pod["metadata"]["deletionTimestamp"] = write_time(self.now)
                if pod["status"]["phase"] not in {"Pending", "Running"}:
                    del self.objects[POD, pod["metadata"]["name"]]

    def next_version(self) -> str:
        self.version += 1
        return str(self.version)

    def _create(self, kind: Kind, body: Mapping[str, Any]) -> None:
        item = copied(dict(body))
        name = item["metadata"]["name"]
        if (kind, name) in self.objects:
            raise Conflict
        version = self.next_version()
        item |= {"kind": kind.name}
        item["metadata"] |= {"uid": f"uid-{version}", "resourceVersion": version}
        item["metadata"]["creationTimestamp"] = write_time(self.now)
        self.objects[kind, name] = item
        if kind is JOB:
            self.made.append(copied(item))

    def _merge(self, item: Object, body: Mapping[str, Any]) -> None:
        if body["metadata"]["resourceVersion"] != item["metadata"]["resourceVersion"]:
            raise Conflict
        before = copied(item)
        merge(item, {**body, "metadata": {k: v for k, v in body["metadata"].items() if k != "resourceVersion"}})
        if item != before:
            item["metadata"]["resourceVersion"] = self.next_version()

    # What others do.

    def edit(self, **spec: Any) -> None:  # noqa: ANN401  any field
        """Change the spec, as its user does."""
        self.resource["spec"] = {**self.resource["spec"], **spec}
        self.resource["metadata"]["generation"] += 1
        self.resource["metadata"]["resourceVersion"] = self.next_version()
        self.remember()

    def start_pod(self) -> None:
        """Make a pod for the Job, as the Job controller and a node do, unless one is alive."""
        job = self.job()
        pods = [pod for pod in self.of(POD) if _is_of(pod, job)]
        if job is None or _is_final(job) or any(p["status"]["phase"] in {"Pending", "Running"} for p in pods):
            return
        version = self.next_version()
        self.objects[POD, f"pod-{version}"] = {
            "kind": "Pod",
            "metadata": {
                "name": f"pod-{version}",
                "uid": f"uid-{version}",
                "labels": job["spec"]["template"]["metadata"]["labels"],
                "ownerReferences": [{"uid": job["metadata"]["uid"]}],
                "creationTimestamp": write_time(self.now),
            },
            "spec": {"nodeName": "node-1"},
            "status": {"phase": "Running", "containerStatuses": [{"name": "mover", "state": {"running": {"at": "x"}}}]},
        }
        self.remember()

    def end_pod(self, code: int = 0, message: str | None = None, reason: str = "Completed") -> None:
        """Let the mover end, and with it the Job."""
        pod, job = self.mover(), self.job()
        if pod is None or pod["status"]["phase"] != "Running":
            return
        ended = {"exitCode": code, "reason": reason, "message": outcome(code) if message is None else message}
        pod["status"] = {
            "phase": "Failed" if code else "Succeeded",
            "containerStatuses": [{"name": "mover", "state": {"terminated": ended}}],
        }
        if job and _is_of(pod, job):
            self.finish_job(job, "Failed" if code else "Complete")
        elif pod["metadata"].get("deletionTimestamp"):
            del self.objects[POD, pod["metadata"]["name"]]
        self.remember()

    def finish_job(self, job: Object, type_: str) -> None:
        ended = {"type": type_, "status": "True", "lastTransitionTime": write_time(self.now)}
        job["status"] = {"conditions": [ended], "completionTime": write_time(self.now)}
        self.remember()

    def disrupt_pod(self) -> None:
        """Evict the mover; its pod is deleted, and the Job does not count it."""
        pod = self.mover()
        if pod is not None and pod["status"]["phase"] == "Running":
            pod["status"] |= {"phase": "Failed", "conditions": [{"type": "DisruptionTarget", "status": "True"}]}
            self.remember()

    def make_snapshots_ready(self) -> None:
        for snapshot in self.of(VOLUME_SNAPSHOT):
            snapshot["status"] = {"boundVolumeSnapshotContentName": "content", "readyToUse": True, "restoreSize": "3Gi"}
        self.remember()

    def run_mover(self, code: int = 0, **fields: Any) -> None:  # noqa: ANN401  of the outcome
        """Let one attempt go from its start to its end."""
        self.settle()
        self.make_snapshots_ready()
        self.settle()
        self.start_pod()
        self.settle()
        self.end_pod(code, outcome(code, **fields))
        self.settle()
        self.make_snapshots_ready()
        self.settle()

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def owned(self) -> list[str]:
        """Return what the controller made and is there."""
        return sorted(f"{kind} {name}" for (kind, name), item in self.objects.items() if is_owned(item, self.resource))

    def attempts_made(self) -> list[str | None]:
        return [attempt_of(job) for job in self.made]


def merge(item: Object, patch: Mapping[str, Any]) -> None:
    """Apply a JSON merge patch (RFC 7386)."""
    for name, value in patch.items():
        if value is None:
            item.pop(name, None)
        elif isinstance(value, dict):
            item[name] = item[name] if isinstance(item.get(name), dict) else {}
            merge(item[name], value)
        else:
            item[name] = copied(value)


def _is_of(pod: Object, job: Object | None) -> bool:
    owners = pod["metadata"].get("ownerReferences", [])
    return job is not None and any(owner["uid"] == job["metadata"]["uid"] for owner in owners)


def _is_final(job: Object) -> bool:
    return bool(job.get("status", {}).get("conditions"))
