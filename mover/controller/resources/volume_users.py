"""Which pods use a volume: a restore waits for them to end, and the mover may have to run on their node.

Kubernetes itself prevents nothing here: it mounts even a ReadWriteOnce volume into any number of pods of one node.
"""

from collections.abc import Iterable
from typing import Any

from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.names import OWNER_LABEL

FINAL_PHASES = {"Succeeded", "Failed"}


def users_of(claim: str, pods: Iterable[KubernetesObject], resource: KubernetesObject) -> list[KubernetesObject]:
    """Return the pods on a node that use the claim, without the resource's own movers."""
    return [
        pod
        for pod in pods
        if is_alive(pod) and _spec(pod).get("nodeName") and claim in claims_of(pod) and not is_mover_of(resource, pod)
    ]


def is_alive(pod: KubernetesObject) -> bool:
    """Whether a container of the pod runs, or still may."""
    return (pod.get("status") or {}).get("phase") not in FINAL_PHASES


def is_mover_of(resource: KubernetesObject, pod: KubernetesObject) -> bool:
    """Whether the pod moves data for this resource."""
    return bool((pod["metadata"].get("labels") or {}).get(OWNER_LABEL) == resource["metadata"]["uid"])


def claims_of(pod: KubernetesObject) -> set[str]:
    """Return the names of the claims that a pod uses.

    The claim of an ephemeral volume is named after pod and volume (Kubernetes, Ephemeral Volumes).
    """
    volumes = _spec(pod).get("volumes") or []
    named = {(volume.get("persistentVolumeClaim") or {}).get("claimName") for volume in volumes}
    own = {f"{pod['metadata']['name']}-{volume['name']}" for volume in volumes if volume.get("ephemeral")}
    return {str(claim) for claim in named | own if claim}


def _spec(pod: KubernetesObject) -> dict[str, Any]:
    return pod.get("spec") or {}
