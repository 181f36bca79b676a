"""Who the mover's pod may be, and whether the namespace lets it."""

from typing import Any

from mover.controller.api.conditions import Blocked, Reason
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.names import PRIVILEGED_MOVERS

ENFORCED = "pod-security.kubernetes.io/enforce"
FOREIGN_FILES = ["DAC_OVERRIDE", "CHOWN", "FOWNER"]
"""What it takes to read and to restore files whatever their owner."""


def is_privileged(namespace: KubernetesObject | None) -> bool:
    """Whether the namespace lets its movers at everybody's files."""
    annotations = ((namespace or {}).get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(PRIVILEGED_MOVERS, "")).lower() == "true"


def pod_context(wished: dict[str, Any] | None, namespace: KubernetesObject | None) -> dict[str, Any]:
    """Return the pod's security context: as wished, else user 0."""
    context = {"runAsUser": 0} if wished is None else dict(wished)
    if is_privileged(namespace):
        context |= {"runAsUser": 0, "runAsNonRoot": False}
    return {"seccompProfile": {"type": "RuntimeDefault"}, **context}


def container_context(namespace: KubernetesObject | None) -> dict[str, Any]:
    """Return the container's security context: without any privilege, unless the namespace gives some."""
    added = {"add": FOREIGN_FILES} if is_privileged(namespace) else {}
    return {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"], **added},
    }


def check(pod: dict[str, Any], namespace: KubernetesObject | None) -> None:
    """Object to a pod that the namespace would refuse, as far as can be told from its labels.

    Source: Kubernetes, «Pod Security Standards», Restricted. What else is refused shows at the Job, in its events.
    """
    metadata = (namespace or {}).get("metadata") or {}
    if (metadata.get("labels") or {}).get(ENFORCED) != "restricted":
        return
    refused = f"Namespace {metadata.get('name')} enforces the Pod Security standard restricted, which refuses"
    if is_privileged(namespace):
        raise Blocked(
            Reason.POD_SECURITY, f"{refused} privileged movers: take its annotation {PRIVILEGED_MOVERS} away."
        )
    context = pod["securityContext"]
    if context.get("runAsUser") == 0 or context.get("runAsNonRoot") is not True:
        wanted = "runAsNonRoot: true, and runAsUser and fsGroup to those who own the files, such as 1000"
        raise Blocked(Reason.POD_SECURITY, f"{refused} user 0: set in spec.restic.moverSecurityContext {wanted}.")
    if any("nfs" in volume for volume in pod["volumes"]):
        raise Blocked(Reason.POD_SECURITY, f"{refused} volumes of NFS: mount it as a PersistentVolumeClaim.")
