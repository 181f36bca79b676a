"""What was made for a resource and is of no use any more."""

from mover.controller.api.spec import Spec
from mover.controller.api.status import StatusEditor
from mover.controller.kube.kinds import JOB, VOLUME_CLAIM, VOLUME_SNAPSHOT, Kind, KubernetesObject
from mover.controller.reconcile.decision import Delete, Patch, Write
from mover.controller.resources.job_result import is_finished
from mover.controller.resources.names import DO_NOT_DELETE, OWNER_LABEL, attempt_of, is_owned, is_source, name_for
from mover.controller.resources.observed import Observed


def collect_garbage(observed: Observed, spec: Spec, status: StatusEditor) -> list[Write]:
    """Delete what belongs to no attempt under way, and set free what the user wants to keep."""
    attempt = status.attempt.id if status.attempt else None
    found: list[tuple[Kind, KubernetesObject]] = [(JOB, job) for job in observed.jobs]
    found += [(VOLUME_CLAIM, claim) for claim in observed.claims if attempt_of(claim)]
    found += [(VOLUME_SNAPSHOT, snapshot) for snapshot in observed.snapshots or ()]
    found += [(VOLUME_CLAIM, claim) for claim in _volumes_of_one_sync(observed, spec, status)]
    writes: list[Write] = []
    for kind, item in found:
        if not is_owned(item, observed.resource) or item["metadata"].get("deletionTimestamp"):
            continue
        if kind is VOLUME_SNAPSHOT and DO_NOT_DELETE in (item["metadata"].get("labels") or {}):
            writes.append(_set_free(item, observed.resource))
        elif not _is_needed(kind, item, attempt, status):
            writes.append(Delete(kind, str(item["metadata"]["name"]), str(item["metadata"]["uid"])))
    return writes


def _is_needed(kind: Kind, item: KubernetesObject, attempt: str | None, status: StatusEditor) -> bool:
    if attempt is not None and attempt_of(item) == attempt:
        return True
    if kind is VOLUME_SNAPSHOT:
        return bool(item["metadata"]["name"] == status.latest_snapshot)
    # The Job of a failed attempt stays until the next one, for its pod's log.
    return kind is JOB and attempt is None and status.failed is not None and is_finished(item)


def _volumes_of_one_sync(observed: Observed, spec: Spec, status: StatusEditor) -> list[KubernetesObject]:
    """Return the volumes of a destination that are kept between syncs, unless the spec says otherwise."""
    if is_source(observed.resource) or status.attempt or status.failed:
        return []
    # Without a snapshot of it the volume itself is what was restored.
    temporary = spec.restore.delete_volume and spec.copy_method == "Snapshot"
    wished = [("-data", temporary), ("-cache", spec.restore.delete_cache)]
    claims = [observed.claim(name_for(observed.resource, suffix)) for suffix, unwanted in wished if unwanted]
    return [claim for claim in claims if claim is not None]


def _set_free(snapshot: KubernetesObject, resource: KubernetesObject) -> Patch:
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
