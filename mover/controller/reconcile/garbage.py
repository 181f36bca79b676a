"""Garbage collection: what was created for an attempt, or for a single sync, and is not needed any more.

Owner references delete objects only with their resource; copies and Jobs have to go earlier, since they take space.
"""

from mover.controller.api.resource_kind import is_source
from mover.controller.api.spec import Spec
from mover.controller.api.status import StatusEditor
from mover.controller.kube.kinds import JOB, VOLUME_CLAIM, VOLUME_SNAPSHOT, Kind, KubernetesObject
from mover.controller.kube.writes import Delete, Patch, Write, Writes
from mover.controller.resources.job_result import is_finished
from mover.controller.resources.names import DO_NOT_DELETE, OWNER_LABEL, name_for
from mover.controller.resources.observed import Observed
from mover.controller.resources.ownership import attempt_of, is_owned


def collect_garbage(observed: Observed, spec: Spec, status: StatusEditor) -> Writes:
    """Delete objects that belong to no running attempt, and release snapshots labeled do-not-delete."""
    attempt = status.attempt.id if status.attempt else None
    candidates: list[tuple[Kind, KubernetesObject]] = [(JOB, job) for job in observed.jobs]
    candidates += [(VOLUME_CLAIM, claim) for claim in observed.claims if attempt_of(claim)]
    candidates += [(VOLUME_SNAPSHOT, snapshot) for snapshot in observed.snapshots or ()]
    candidates += [(VOLUME_CLAIM, claim) for claim in _claims_of_one_sync(observed, spec, status)]
    writes: list[Write] = []
    for kind, item in candidates:
        if not is_owned(item, observed.resource) or item["metadata"].get("deletionTimestamp"):
            continue
        if kind is VOLUME_SNAPSHOT and DO_NOT_DELETE in (item["metadata"].get("labels") or {}):
            writes.append(_release(item, observed.resource))
        elif not _is_needed(kind, item, attempt, status):
            writes.append(Delete(kind, str(item["metadata"]["name"]), str(item["metadata"]["uid"])))
    return tuple(writes)


def _is_needed(kind: Kind, item: KubernetesObject, attempt: str | None, status: StatusEditor) -> bool:
    if attempt is not None and attempt_of(item) == attempt:
        return True
    if kind is VOLUME_SNAPSHOT:
        return bool(item["metadata"]["name"] == status.latest_snapshot)
    # The Job of a failed attempt stays until the next one, for its pod's log.
    return kind is JOB and attempt is None and status.failed is not None and is_finished(item)


def _claims_of_one_sync(observed: Observed, spec: Spec, status: StatusEditor) -> list[KubernetesObject]:
    """Return the claims of a destination that would be kept between syncs, if the spec did not say otherwise."""
    if is_source(observed.resource) or status.attempt or status.failed:
        return []
    # Without a snapshot of it the volume itself is what was restored.
    is_temporary = spec.restore.delete_volume and spec.copy_method == "Snapshot"
    suffixes = [("-data", is_temporary), ("-cache", spec.restore.delete_cache)]
    claims = [observed.claim(name_for(observed.resource, suffix)) for suffix, is_unwanted in suffixes if is_unwanted]
    return [claim for claim in claims if claim is not None]


def _release(snapshot: KubernetesObject, resource: KubernetesObject) -> Patch:
    """Return the write that makes a snapshot the user's: it outlives the resource, and is never collected."""
    metadata = snapshot["metadata"]
    others = [owner for owner in metadata["ownerReferences"] if owner.get("uid") != resource["metadata"]["uid"]]
    body = {
        "metadata": {
            "resourceVersion": metadata["resourceVersion"],
            "ownerReferences": others,
            "labels": {OWNER_LABEL: None},
        }
    }
    return Patch(VOLUME_SNAPSHOT, str(metadata["name"]), body)
