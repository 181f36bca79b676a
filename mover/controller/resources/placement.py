"""On which node the mover has to run: that of the pods which hold a volume that only one node can use at a time."""

from typing import Any

from mover.controller.api.spec import Spec
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.observed import Observed
from mover.controller.resources.volume_users import users_of
from mover.controller.resources.volumes import data_claim, needs_same_node


def placement(observed: Observed, spec: Spec) -> dict[str, Any]:
    """Return ``affinity`` and ``tolerations`` of the mover's pod, where there are any."""
    wished = dict(spec.pod.affinity or {})
    beside = _pod_to_be_beside(observed, spec)
    if beside is None:
        return {"affinity": wished} if wished else {}
    made: dict[str, Any] = {"affinity": _on_node(wished, str(beside["spec"]["nodeName"]))}
    tolerations = beside["spec"].get("tolerations")
    return made | ({"tolerations": tolerations} if tolerations else {})


def _pod_to_be_beside(observed: Observed, spec: Spec) -> KubernetesObject | None:
    extra = [(volume.source.get("persistentVolumeClaim") or {}).get("claimName") for volume in spec.pod.volumes]
    for claim in filter(None, [data_claim(observed, spec), *extra]):
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
