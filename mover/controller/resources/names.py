"""Names, labels and annotations of what the controller creates: stable, and valid whatever the resource is called."""

import hashlib

from mover.controller.api.resource_kind import GROUP, is_source
from mover.controller.kube.kinds import KubernetesObject

CREATED_BY = {"app.kubernetes.io/created-by": "scribe"}
OWNER_LABEL = f"{GROUP}/owner"
"""Label of all objects and of the pods of Jobs: the uid of the resource."""

ATTEMPT = f"{GROUP}/attempt"
"""Annotation of an object that serves one attempt only: the attempt's id."""

PRIVILEGED_MOVERS = f"{GROUP}/privileged-movers"
"""Annotation of a namespace: ``true`` lets its movers read and write files of every owner."""

DO_NOT_DELETE = f"{GROUP}/do-not-delete"
"""Label of a VolumeSnapshot: it is the user's from then on, and is never deleted by the controller."""

LONGEST_NAME = 63
"""Characters: the Job's name becomes a label of its pods."""

HASH_DIGITS = 10


def name_for(resource: KubernetesObject, suffix: str = "") -> str:
    """Return the name of an object of this resource: readable if it fits, else cut and made unique by a hash."""
    prefix = "scribe-src-" if is_source(resource) else "scribe-dst-"
    name = str(resource["metadata"]["name"])
    full_name = f"{prefix}{name}{suffix}"
    if len(full_name) <= LONGEST_NAME:
        return full_name
    digest = hashlib.sha256(name.encode()).hexdigest()[:HASH_DIGITS]
    room = LONGEST_NAME - len(prefix) - len(suffix) - HASH_DIGITS - 1
    return f"{prefix}{name[:room].rstrip('-.')}-{digest}{suffix}"
