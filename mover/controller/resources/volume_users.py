"""Who uses a volume: the pods that have it mounted."""

from collections.abc import Iterable
from typing import Any

from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.names import OWNER_LABEL

ENDED = {"Succeeded", "Failed"}


def users_of(claim: str, pods: Iterable[KubernetesObject], resource: KubernetesObject) -> list[KubernetesObject]:
    """Return the pods on a node that use the claim, without the resource's own movers."""
    return [
        pod
        for pod in pods
        if is_alive(pod) and _spec(pod).get("nodeName") and claim in _claims(pod) and not is_mover_of(resource, pod)
    ]


def is_alive(pod: KubernetesObject) -> bool:
    """Whether a container of the pod runs, or still may."""
    return (pod.get("status") or {}).get("phase") not in ENDED


def is_mover_of(resource: KubernetesObject, pod: KubernetesObject) -> bool:
    """Whether the pod moves data for this resource."""
    return bool((pod["metadata"].get("labels") or {}).get(OWNER_LABEL) == resource["metadata"]["uid"])


def _claims(pod: KubernetesObject) -> set[str | None]:
    volumes = _spec(pod).get("volumes") or []
    named = {(volume.get("persistentVolumeClaim") or {}).get("claimName") for volume in volumes}
    own = {f"{pod['metadata']['name']}-{volume['name']}" for volume in volumes if volume.get("ephemeral")}
    return {*named, *own}


def _spec(pod: KubernetesObject) -> dict[str, Any]:
    return pod.get("spec") or {}
