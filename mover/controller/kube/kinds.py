"""Kubernetes' own kinds of objects, as far as the controller reads or writes them, and their paths in the API.

A table instead of discovery: the controller has to name each kind in its RBAC rules anyway, and needs no request to
find out what it knows. The custom resources are a part of this project, so `mover.controller.api.resource_kind` has
them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

KubernetesObject: TypeAlias = Mapping[str, Any]
"""An object as the API writes it, in plain JSON; what came from the API is never changed in place."""


@dataclass(frozen=True)
class Kind:
    """One kind of object, such as ``batch/v1`` ``Job``, found under its plural name."""

    api_version: str
    name: str
    plural: str
    namespaced: bool = True

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """Return the path of one object, or of all those in a namespace, or of all there are."""
        parts = ["apis" if "/" in self.api_version else "api", self.api_version]
        if namespace is not None and self.namespaced:
            parts += ["namespaces", namespace]
        return "/".join([*parts, self.plural, *([name] if name else [])])

    def __str__(self) -> str:
        return self.name


JOB = Kind("batch/v1", "Job", "jobs")
POD = Kind("v1", "Pod", "pods")
VOLUME_CLAIM = Kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
VOLUME_SNAPSHOT = Kind("snapshot.storage.k8s.io/v1", "VolumeSnapshot", "volumesnapshots")
STORAGE_CLASS = Kind("storage.k8s.io/v1", "StorageClass", "storageclasses", namespaced=False)
SNAPSHOT_CLASS = Kind("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", "volumesnapshotclasses", namespaced=False)
NAMESPACE = Kind("v1", "Namespace", "namespaces", namespaced=False)
EVENT = Kind("v1", "Event", "events")
