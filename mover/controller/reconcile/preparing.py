"""What a sync needs before its Job can run: conditions to be met, and volumes to be made."""

from contextlib import suppress

from mover.controller.api.conditions import Blocked, Reason, Type
from mover.controller.api.status import Attempt
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.reconcile.decision import Write
from mover.controller.reconcile.garbage import collect_garbage
from mover.controller.reconcile.reconcile_context import ReconcileContext
from mover.controller.resources.job import make_job
from mover.controller.resources.names import is_owned, is_source, name_for
from mover.controller.resources.observed import Observed, named
from mover.controller.resources.volume_users import is_alive, is_mover_of, users_of
from mover.controller.resources.volumes import NotReadyError, check_classes, data_claim, make_cache, make_data


def check(case: ReconcileContext) -> None:
    """Object, with `Blocked`, where somebody has to do something before a sync can start."""
    observed, spec = case.observed, case.spec
    older = older_with_same_secret(observed, spec.repository)
    if older:
        raise Blocked(Reason.REPOSITORY_SHARED, shared_sentence(older, spec.repository))
    check_classes(observed, spec)
    for make in (_data, _cache):
        with suppress(NotReadyError):
            make(case)
    for volume in spec.pod.volumes:
        claim = (volume.source.get("persistentVolumeClaim") or {}).get("claimName")
        if claim and observed.claim(claim) is None:
            raise Blocked(Reason.VOLUME_MISSING, f"The PersistentVolumeClaim {claim} of moverVolumes does not exist.")
    _check_in_use(case)
    job = named(observed.jobs, name_for(observed.resource))
    if job is not None and not is_owned(job, observed.resource):
        sentence = f"There is a Job {job['metadata']['name']} that belongs to somebody else: delete it."
        raise Blocked(Reason.NAME_TAKEN, sentence)
    make_job(observed, spec, case.status, Attempt("", case.now, "", 0), case.options.image)


def prepare(case: ReconcileContext, attempt: Attempt) -> list[Write]:
    """Return the next writes on the way to the attempt's Job, which is the last of them.

    Raises:
        NotReadyError: something has to end first, by itself.
    """
    observed, spec = case.observed, case.spec
    old = collect_garbage(observed, spec, case.status)
    if old:
        return old
    volumes = [*make_data(observed, spec, attempt.id), *make_cache(observed, spec)]
    if volumes:
        return volumes
    name = name_for(observed.resource)
    if named(observed.jobs, name) is not None:
        raise NotReadyError(f"The old Job {name} is being deleted.")
    alive = [pod for pod in observed.pods if is_mover_of(observed.resource, pod) and is_alive(pod)]
    if alive:
        raise NotReadyError(f"The old pod {alive[0]['metadata']['name']} has not ended yet.")
    return [make_job(observed, spec, case.status, attempt, case.options.image)]


def tell_shared(case: ReconcileContext) -> None:
    """Keep the condition on a shared repository as it is."""
    older = older_with_same_secret(case.observed, case.spec.repository)
    if older:
        sentence = shared_sentence(older, case.spec.repository)
        case.status.set_condition(Type.REPOSITORY_SHARED, Reason.SAME_SECRET, sentence)
    else:
        case.status.drop_condition(Type.REPOSITORY_SHARED)


def older_with_same_secret(observed: Observed, repository: str) -> str | None:
    """Return the name of an older source that uses the same Secret: their snapshots would mix."""
    if not is_source(observed.resource) or not repository:
        return None
    mine = _age(observed.resource)
    older = [s for s in observed.sources if _repository(s) == repository and _age(s) < mine]
    return min((_age(source) for source in older), default=(None, None))[1]


def shared_sentence(older: str, repository: str) -> str:
    """Say whose repository it is."""
    why = "their snapshots would mix, and retention delete those of one for the other"
    return f"ReplicationSource {older} uses the Secret {repository} too: {why}. Give each its own repository path."


def _data(case: ReconcileContext) -> None:
    make_data(case.observed, case.spec, "")


def _cache(case: ReconcileContext) -> None:
    make_cache(case.observed, case.spec)


def _check_in_use(case: ReconcileContext) -> None:
    observed, spec = case.observed, case.spec
    if is_source(observed.resource) or spec.restore.allow_in_use:
        return
    claim = data_claim(observed, spec)
    users = users_of(claim, observed.pods, observed.resource)
    if users:
        sentence = f"The pod {users[0]['metadata']['name']} has the volume {claim} mounted: stop it, or set allowInUse."
        raise Blocked(Reason.VOLUME_IN_USE, sentence)


def _repository(source: KubernetesObject) -> str | None:
    spec = source.get("spec")
    restic = spec.get("restic") if isinstance(spec, dict) else None
    gone = source["metadata"].get("deletionTimestamp")
    return restic.get("repository") if isinstance(restic, dict) and not gone else None


def _age(source: KubernetesObject) -> tuple[str, str]:
    return str(source["metadata"].get("creationTimestamp") or ""), str(source["metadata"]["name"])
