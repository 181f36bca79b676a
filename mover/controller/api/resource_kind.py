"""The custom resources' kinds and API group, and which of the two kinds a resource is.

Part of the contract with users, so it lives beside the spec and the status, below everything that is created
for a resource.
"""

from mover.controller.kube.kinds import Kind, KubernetesObject

GROUP = "scribe.backube"
"""Also the prefix of the project's labels and annotations."""

SOURCE = Kind(f"{GROUP}/v1alpha1", "ReplicationSource", "replicationsources")
DESTINATION = Kind(f"{GROUP}/v1alpha1", "ReplicationDestination", "replicationdestinations")


def is_source(resource: KubernetesObject) -> bool:
    """Whether this is a ReplicationSource; otherwise it is a ReplicationDestination."""
    return bool(resource["kind"] == SOURCE.name)
