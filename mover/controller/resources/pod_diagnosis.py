"""The pods of a mover's Job: whether they started, were disrupted, or why they do not start.

A Job does not say why its pod waits; users would have to look for the pod's own state.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mover.controller.api.timestamps import created_at
from mover.controller.kube.kinds import KubernetesObject

DISRUPTION = "DisruptionTarget"
STARTUP_GRACE = timedelta(minutes=1)
"""How long a Job may be without a started pod before that is reported."""

STARTING = {None, "ContainerCreating", "PodInitializing"}
"""Reasons of a waiting container that are part of every start."""


def pods_of(job: KubernetesObject, pods: Iterable[KubernetesObject]) -> list[KubernetesObject]:
    """Return the pods of a Job, the newest last."""
    uid = job["metadata"]["uid"]
    owned = [p for p in pods if any(o.get("uid") == uid for o in p["metadata"].get("ownerReferences") or [])]
    return sorted(owned, key=lambda pod: str(pod["metadata"].get("creationTimestamp")))


def disrupted_pods(pods: Iterable[KubernetesObject]) -> list[str]:
    """Return the uids of the pods that were evicted or lost their node."""
    return [str(pod["metadata"]["uid"]) for pod in pods if _condition(pod, DISRUPTION).get("status") == "True"]


def has_started(pods: Iterable[KubernetesObject]) -> bool:
    """Whether a container of one of the pods runs, or ever has."""
    statuses = (status for pod in pods for status in container_statuses(pod))
    return any(status.get("state", {}).get("running") or termination_of(status) for status in statuses)


def find_start_problem(job: KubernetesObject, pods: list[KubernetesObject], now: datetime) -> str:
    """Return why the mover does not start, in the words of Kubernetes; empty if nothing is wrong so far."""
    if has_started(pods):
        return ""
    for pod in pods:
        problem = _scheduling_problem(pod) or _container_problem(pod)
        if problem:
            return problem
    return _overdue_problem(job, pods) if now >= created_at(job, now) + STARTUP_GRACE else ""


def _scheduling_problem(pod: KubernetesObject) -> str:
    scheduled = _condition(pod, "PodScheduled")
    if scheduled.get("status") != "False":
        return ""
    return f"Mover pod cannot be scheduled: {scheduled.get('message') or scheduled.get('reason')}"


def _container_problem(pod: KubernetesObject) -> str:
    for status in container_statuses(pod):
        waiting = status.get("state", {}).get("waiting") or {}
        if waiting.get("reason") not in STARTING:
            message = waiting.get("message")
            return f"Mover pod cannot start: {waiting['reason']}" + (f": {message}" if message else "")
    return ""


def _overdue_problem(job: KubernetesObject, pods: list[KubernetesObject]) -> str:
    if pods:
        name = pods[-1]["metadata"]["name"]
        return f"Mover pod has not started within a minute; kubectl describe pod {name} names the volume it waits for"
    causes = "often Pod Security (set moverSecurityContext), a quota, or a missing service account"
    return f"Job has no pod; kubectl describe job {job['metadata']['name']} says why: {causes}"


def container_statuses(pod: KubernetesObject) -> list[dict[str, Any]]:
    """Return the statuses of a pod's containers."""
    return list((pod.get("status") or {}).get("containerStatuses") or [])


def termination_of(status: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a container ended, the last time it did; empty if it never has."""
    last = (status.get("lastState") or {}).get("terminated")
    return dict((status.get("state") or {}).get("terminated") or last or {})


def _condition(pod: KubernetesObject, type_: str) -> dict[str, Any]:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return next((dict(condition) for condition in conditions if condition.get("type") == type_), {})
