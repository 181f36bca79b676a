"""Resources as users write them, for the tests."""

import copy
from typing import Any

from integration.controller.api import Resource

API = "scribe.backube/v1alpha1"


def source(namespace: str, name: str = "mydata-backup", **changes: Any) -> Resource:  # noqa: ANN401  JSON
    """Return the ReplicationSource of the user guide with changes; see `changed`."""
    restic = {"repository": "restic-config", "copyMethod": "Clone", "retain": {"hourly": 6, "daily": 5}}
    spec = {"sourcePVC": "mydata", "trigger": {"schedule": "*/30 * * * *"}, "restic": restic}
    return changed(_resource("ReplicationSource", namespace, name, spec), changes)


def destination(namespace: str, name: str = "datavol-dest", **changes: Any) -> Resource:  # noqa: ANN401  JSON
    """Return the ReplicationDestination of the user guide with changes; see `changed`."""
    restic = {"repository": "restic-config", "destinationPVC": "datavol", "copyMethod": "None"}
    spec = {"trigger": {"manual": "restore-once"}, "restic": restic}
    return changed(_resource("ReplicationDestination", namespace, name, spec), changes)


def _resource(kind: str, namespace: str, name: str, spec: Resource) -> Resource:
    return {"apiVersion": API, "kind": kind, "metadata": {"namespace": namespace, "name": name}, "spec": spec}


def changed(resource: Resource, changes: dict[str, Any]) -> Resource:
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
