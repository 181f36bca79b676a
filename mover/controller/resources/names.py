"""Names, labels and annotations of what the controller makes: stable, and valid whatever the resource is called."""

import hashlib
from typing import Any

from mover.controller.kube.kinds import SOURCE, KubernetesObject

GROUP = "scribe.backube"
CREATED_BY = {"app.kubernetes.io/created-by": "scribe"}
OWNER_LABEL = f"{GROUP}/owner"
"""On all objects, and on the pods of Jobs: the uid of the resource."""

ATTEMPT = f"{GROUP}/attempt"
"""On what is made for one attempt only: the attempt's id."""

PRIVILEGED_MOVERS = f"{GROUP}/privileged-movers"
"""On a namespace: its movers may read and write everybody's files where this is ``true``."""

DO_NOT_DELETE = f"{GROUP}/do-not-delete"
"""On a VolumeSnapshot: it is the user's now, whatever comes after it."""

LONGEST = 63
"""Characters: the Job's name becomes a label of its pods."""

HASH_DIGITS = 10


def is_source(resource: KubernetesObject) -> bool:
    """Whether this is a ReplicationSource; otherwise it is a ReplicationDestination."""
    return bool(resource["kind"] == SOURCE.name)


def name_for(resource: KubernetesObject, suffix: str = "") -> str:
    """Return the name of an object of this resource: readable where it fits, else cut and made unique by a hash."""
    prefix = "scribe-src-" if is_source(resource) else "scribe-dst-"
    name = str(resource["metadata"]["name"])
    whole = f"{prefix}{name}{suffix}"
    if len(whole) <= LONGEST:
        return whole
    digest = hashlib.sha256(name.encode()).hexdigest()[:HASH_DIGITS]
    room = LONGEST - len(prefix) - len(suffix) - HASH_DIGITS - 1
    return f"{prefix}{name[:room].rstrip('-.')}-{digest}{suffix}"


def metadata(resource: KubernetesObject, name: str, attempt: str | None = None) -> dict[str, Any]:
    """Return the metadata of an object that goes when the resource goes."""
    owner = resource["metadata"]
    made: dict[str, Any] = {
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
    return made | ({"annotations": {ATTEMPT: attempt}} if attempt else {})


def labels(resource: KubernetesObject) -> dict[str, str]:
    """Return the labels of everything that belongs to a resource."""
    return {**CREATED_BY, OWNER_LABEL: str(resource["metadata"]["uid"])}


def is_owned(item: KubernetesObject, resource: KubernetesObject) -> bool:
    """Whether the controller made the object for this very resource."""
    owners = item["metadata"].get("ownerReferences") or []
    return any(owner.get("controller") and owner.get("uid") == resource["metadata"]["uid"] for owner in owners)


def attempt_of(item: KubernetesObject) -> str | None:
    """Return the id of the attempt that an object was made for."""
    found = (item["metadata"].get("annotations") or {}).get(ATTEMPT)
    return None if found is None else str(found)
