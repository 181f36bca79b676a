"""On which node the mover has to run: that of the pods which hold a volume that only one node can use at a time."""

from typing import Any

from mover.controller.api.spec import Spec
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.claims import needs_same_node
from mover.controller.resources.data_claim import data_claim_name
from mover.controller.resources.observed import Observed
from mover.controller.resources.volume_users import users_of


def placement(observed: Observed, spec: Spec) -> dict[str, Any]:
    """Return ``affinity`` and ``tolerations`` of the mover's pod, if there are any."""
    affinity = dict(spec.pod.affinity or {})
    neighbor = _pod_sharing_volume(observed, spec)
    if neighbor is None:
        return {"affinity": affinity} if affinity else {}
    fields: dict[str, Any] = {"affinity": _on_node(affinity, str(neighbor["spec"]["nodeName"]))}
    tolerations = neighbor["spec"].get("tolerations")
    return fields | ({"tolerations": tolerations} if tolerations else {})


def _pod_sharing_volume(observed: Observed, spec: Spec) -> KubernetesObject | None:
    """Return a pod, running if possible, that the mover has to share a node with."""
    extra = [(volume.source.get("persistentVolumeClaim") or {}).get("claimName") for volume in spec.pod.volumes]
    for claim in filter(None, [data_claim_name(observed, spec), *extra]):
        if needs_same_node(observed.claim(claim)):
            users = users_of(claim, observed.pods, observed.resource)
            running = [pod for pod in users if (pod.get("status") or {}).get("phase") == "Running"]
            if users:
                return [*running, *users][0]
    return None


def _on_node(affinity: dict[str, Any], node: str) -> dict[str, Any]:
    """Add to an affinity that it has to be this node. The terms of a node selector are alternatives."""
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    by_node = affinity.get("nodeAffinity") or {}
    terms = (by_node.get(required) or {}).get("nodeSelectorTerms") or [{}]
    here = {"key": "metadata.name", "operator": "In", "values": [node]}
    terms = [{**term, "matchFields": [*(term.get("matchFields") or []), here]} for term in terms]
    return {**affinity, "nodeAffinity": {**by_node, required: {"nodeSelectorTerms": terms}}}
