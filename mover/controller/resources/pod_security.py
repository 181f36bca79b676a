"""Which user and which privileges the mover's pod has, and whether its namespace admits that."""

from typing import Any

from mover.controller.api.conditions import Reason
from mover.controller.api.spec import PodRequest
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.names import PRIVILEGED_MOVERS
from mover.controller.resources.readiness import Blocked

ENFORCED = "pod-security.kubernetes.io/enforce"
CAPABILITIES_FOR_ALL_FILES = ("DAC_OVERRIDE", "CHOWN", "FOWNER")
"""The capabilities it takes to read and to restore files whatever their owner."""


def is_privileged(namespace: KubernetesObject | None) -> bool:
    """Whether the namespace allows its movers to access files of every owner."""
    annotations = ((namespace or {}).get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(PRIVILEGED_MOVERS, "")).lower() == "true"


def pod_context(request: PodRequest, namespace: KubernetesObject | None) -> dict[str, Any]:
    """Return the pod's security context: as requested, or else uid 0."""
    context = {"runAsUser": 0} if request.security_context is None else dict(request.security_context)
    if is_privileged(namespace):
        context |= {"runAsUser": 0, "runAsNonRoot": False}
    return {"seccompProfile": {"type": "RuntimeDefault"}, **context}


def container_context(namespace: KubernetesObject | None) -> dict[str, Any]:
    """Return the container's security context: without any privilege, unless the namespace grants some."""
    added = {"add": list(CAPABILITIES_FOR_ALL_FILES)} if is_privileged(namespace) else {}
    return {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"], **added},
    }


def find_admission_problem(request: PodRequest, namespace: KubernetesObject | None) -> Blocked | None:
    """Return why the namespace would reject the mover's pod, as far as its labels tell.

    Source: Kubernetes, Pod Security Standards, Restricted. What else is rejected shows at the Job, in its events.
    """
    metadata = (namespace or {}).get("metadata") or {}
    if (metadata.get("labels") or {}).get(ENFORCED) != "restricted":
        return None
    problem = _restricted_problem(request, namespace)
    subject = f"Namespace {metadata.get('name')} enforces Pod Security standard restricted, which rejects"
    return Blocked(Reason.POD_SECURITY, f"{subject} {problem}") if problem else None


def _restricted_problem(request: PodRequest, namespace: KubernetesObject | None) -> str | None:
    if is_privileged(namespace):
        return f"privileged movers; remove its annotation {PRIVILEGED_MOVERS}"
    context = pod_context(request, namespace)
    if context.get("runAsUser") == 0 or context.get("runAsNonRoot") is not True:
        fields = "runAsNonRoot: true, runAsUser and fsGroup (the owner of the files, such as 1000)"
        return f"uid 0; set spec.restic.moverSecurityContext to {fields}"
    if any("nfs" in volume.source for volume in request.volumes):
        return "NFS volumes; mount it through a PersistentVolumeClaim"
    return None
