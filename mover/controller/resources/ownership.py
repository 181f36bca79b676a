"""Which objects belong to a resource: the metadata they are created with, and how they are recognized by it."""

from typing import Any

from mover.controller.api.conditions import Reason
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.names import ATTEMPT, CREATED_BY, OWNER_LABEL
from mover.controller.resources.readiness import Blocked, NotReady, Readiness, Ready


def metadata(resource: KubernetesObject, name: str, attempt: str | None = None) -> dict[str, Any]:
    """Return the metadata of an object that is deleted with the resource; ``attempt``: and that serves only it."""
    owner = resource["metadata"]
    fields: dict[str, Any] = {
        "name": name,
        "namespace": owner["namespace"],
        "labels": labels(resource),
        "ownerReferences": [
            {
                "apiVersion": resource["apiVersion"],
                "kind": resource["kind"],
                "name": owner["name"],
                "uid": owner["uid"],
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
    }
    return fields | ({"annotations": {ATTEMPT: attempt}} if attempt else {})


def labels(resource: KubernetesObject) -> dict[str, str]:
    """Return the labels of everything that belongs to a resource."""
    return {**CREATED_BY, OWNER_LABEL: str(resource["metadata"]["uid"])}


def is_owned(item: KubernetesObject, resource: KubernetesObject) -> bool:
    """Whether the controller created the object for this very resource."""
    owners = item["metadata"].get("ownerReferences") or []
    return any(owner.get("controller") and owner.get("uid") == resource["metadata"]["uid"] for owner in owners)


def attempt_of(item: KubernetesObject) -> str | None:
    """Return the id of the attempt that an object was created for; None: for no particular one."""
    id_ = (item["metadata"].get("annotations") or {}).get(ATTEMPT)
    return None if id_ is None else str(id_)


def find_own(
    item: KubernetesObject | None, name: str, resource: KubernetesObject, attempt: str | None = None
) -> Readiness[KubernetesObject | None]:
    """Return the object of this name if it is the resource's own and of this attempt; None: there is no such object."""
    if item is None:
        return Ready(None)
    if not is_owned(item, resource):
        return name_taken(item["kind"], name)
    if item["metadata"].get("deletionTimestamp"):
        return NotReady(f"{item['kind']} {name} of an earlier sync is being deleted")
    if attempt_of(item) != attempt:
        return NotReady(f"{item['kind']} {name} of an earlier attempt has to be deleted first")
    return Ready(item)


def name_taken(kind: str, name: str) -> Blocked:
    """Return what blocks a sync if an object that is not the resource's has a name that it needs."""
    message = f"{kind} {name} already exists and is not managed by this controller; rename or remove it"
    return Blocked(Reason.NAME_TAKEN, message)
