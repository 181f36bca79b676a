"""Objects as their users write them: what a cluster adds (uid, version, times) is not in them.

One builder for every tier: the fake cluster and a real API server get the same manifests.
"""

import copy
from collections.abc import Mapping
from typing import Any

API_VERSION = "scribe.backube/v1alpha1"

Object = dict[str, Any]
"""An object of Kubernetes, in JSON."""


def resource(kind: str = "ReplicationSource", *, name: str = "photos", namespace: str = "home", **spec: Any) -> Object:  # noqa: ANN401  any field
    """Return a resource with this spec and nothing else in it."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def source(
    trigger: Mapping[str, str] | None = None,
    *,
    name: str = "photos",
    namespace: str = "home",
    spec: Mapping[str, Any] | None = None,
    **restic: Any,  # noqa: ANN401  any field
) -> Object:
    """Return a ReplicationSource that backs up the claim `data`; `spec` and `restic` change fields."""
    method = {"repository": "restic-config", "copyMethod": "None", "retain": {"daily": 7}, **restic}
    fields = {"sourcePVC": "data", "trigger": dict(trigger or {}), **(spec or {}), "restic": method}
    return resource(name=name, namespace=namespace, **fields)


def destination(
    trigger: Mapping[str, str] | None = None,
    *,
    name: str = "photos",
    namespace: str = "home",
    spec: Mapping[str, Any] | None = None,
    **restic: Any,  # noqa: ANN401  any field
) -> Object:
    """Return a ReplicationDestination that restores into the claim `data`; `spec` and `restic` change fields."""
    method = {"repository": "restic-config", "copyMethod": "None", "destinationPVC": "data", **restic}
    fields = {"trigger": dict(trigger or {"manual": "once"}), **(spec or {}), "restic": method}
    return resource("ReplicationDestination", name=name, namespace=namespace, **fields)


def guide_source(namespace: str, name: str = "mydata-backup", **changes: Any) -> Object:  # noqa: ANN401  JSON
    """Return the ReplicationSource of the user guide with changes; see `changed`."""
    spec = {"sourcePVC": "mydata", "trigger": {"schedule": "*/30 * * * *"}}
    retain = {"hourly": 6, "daily": 5}
    return changed(source(name=name, namespace=namespace, spec=spec, copyMethod="Clone", retain=retain), changes)


def guide_destination(namespace: str, name: str = "datavol-dest", **changes: Any) -> Object:  # noqa: ANN401  JSON
    """Return the ReplicationDestination of the user guide with changes; see `changed`."""
    trigger = {"manual": "restore-once"}
    return changed(destination(trigger, name=name, namespace=namespace, destinationPVC="datavol"), changes)


def changed(resource: Object, changes: Mapping[str, Any]) -> Object:
    """Return a resource with some fields of its spec changed.

    A field's name has its place before it: `trigger__schedule`, `restic__retain__daily`. None takes the field away.
    """
    new = copy.deepcopy(resource)
    for place, value in changes.items():
        *above, last = place.split("__")
        inside = new["spec"]
        for name in above:
            inside = inside.setdefault(name, {})
        if value is None:
            inside.pop(last, None)
        else:
            inside[last] = value
    return new


def without(resource: Object, field: str) -> Object:
    """Return a resource without a field of `spec.restic`."""
    return changed(resource, {f"restic__{field}": None})


def claim(name: str = "data", **spec: Any) -> Object:  # noqa: ANN401  any field
    """Return a volume claim of 3 GiB that is bound."""
    return {
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": "home"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "3Gi"}},
            "storageClassName": "fast",
            **spec,
        },
        "status": {"phase": "Bound"},
    }


def user_pod(volume: str = "data", phase: str = "Running") -> Object:
    """Return a pod of a user's that has a claim mounted, on the node `node-7`."""
    return {
        "kind": "Pod",
        "metadata": {"name": "app", "namespace": "home"},
        "spec": {
            "nodeName": "node-7",
            "tolerations": [{"key": "gpu", "operator": "Exists"}],
            "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": volume}}],
        },
        "status": {"phase": phase},
    }
