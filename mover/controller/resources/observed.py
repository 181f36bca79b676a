"""The observed state of one resource and the objects around it: all that a decision may depend on.

Decisions are pure functions of it, which is what makes them testable against stale reads.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mover.controller.kube.kinds import KubernetesObject


@dataclass(frozen=True)
class Observed:
    """One resource and what is around it, as the API has it. Secrets and ConfigMaps are never read."""

    resource: KubernetesObject
    """The ReplicationSource or ReplicationDestination that is reconciled."""
    now: datetime
    """The time of the decision, with its zone."""
    namespace: KubernetesObject | None = None
    """The Namespace object; its labels and annotations matter."""
    sources: tuple[KubernetesObject, ...] = ()
    """All ReplicationSources of the namespace, with the reconciled one or without."""
    jobs: tuple[KubernetesObject, ...] = ()
    """Jobs of the namespace: at least those with this resource's owner label (see names.OWNER_LABEL)."""
    pods: tuple[KubernetesObject, ...] = ()
    """All pods of the namespace: others may use the volume too."""
    claims: tuple[KubernetesObject, ...] = ()
    """All PersistentVolumeClaims of the namespace."""
    snapshots: tuple[KubernetesObject, ...] | None = ()
    """All VolumeSnapshots of the namespace; None if the cluster has no such kind."""
    storage_classes: tuple[KubernetesObject, ...] | None = ()
    """None if they can't be read."""
    snapshot_classes: tuple[KubernetesObject, ...] | None = ()
    """None if they can't be read, or there is no such kind."""
    refusal: str | None = None
    """Why the API server refused the last write for this resource; None once that write may be retried."""

    def claim(self, name: str) -> KubernetesObject | None:
        """Return the PersistentVolumeClaim of this name."""
        return named(self.claims, name)


def named(objects: Iterable[KubernetesObject], name: str) -> KubernetesObject | None:
    """Return the one of the objects that has this name."""
    return next((item for item in objects if item["metadata"]["name"] == name), None)
