"""Checks before a sync starts, and until its Job is created: problems that only a user can fix.

Objects that are merely not ready yet do not fail the preflight.
"""

from collections.abc import Callable

from mover.controller.api.conditions import Reason
from mover.controller.api.resource_kind import is_source
from mover.controller.api.spec import Spec
from mover.controller.kube.kinds import JOB
from mover.controller.resources.cache_claim import plan_cache_claim
from mover.controller.resources.data_claim import data_claim_name, plan_data_claim
from mover.controller.resources.names import name_for
from mover.controller.resources.observed import Observed, named
from mover.controller.resources.ownership import is_owned, name_taken
from mover.controller.resources.pod_security import find_admission_problem
from mover.controller.resources.readiness import Blocked
from mover.controller.resources.shared_repository import find_shared_repository
from mover.controller.resources.volume_snapshots import find_class_problem
from mover.controller.resources.volume_users import users_of


def preflight(observed: Observed, spec: Spec) -> Blocked | None:
    """Return the first thing that blocks a sync; None: it may start."""
    return next(filter(None, (check(observed, spec) for check in CHECKS)), None)


def _repository(observed: Observed, spec: Spec) -> Blocked | None:
    return find_shared_repository(observed, spec.repository)


def _data_claim(observed: Observed, spec: Spec) -> Blocked | None:
    plan = plan_data_claim(observed, spec, attempt=None)
    return plan if isinstance(plan, Blocked) else None


def _cache_claim(observed: Observed, spec: Spec) -> Blocked | None:
    plan = plan_cache_claim(observed, spec)
    return plan if isinstance(plan, Blocked) else None


def _mover_volumes(observed: Observed, spec: Spec) -> Blocked | None:
    for volume in spec.pod.volumes:
        claim = (volume.source.get("persistentVolumeClaim") or {}).get("claimName")
        if claim and observed.claim(claim) is None:
            message = f"PersistentVolumeClaim {claim}: not found; create it or change moverVolumes"
            return Blocked(Reason.VOLUME_MISSING, message)
    return None


def _volume_users(observed: Observed, spec: Spec) -> Blocked | None:
    if is_source(observed.resource) or spec.restore.allow_in_use:
        return None
    claim = data_claim_name(observed, spec)
    users = users_of(claim, observed.pods, observed.resource)
    if not users:
        return None
    message = f"PersistentVolumeClaim {claim}: in use by pod {users[0]['metadata']['name']}; stop it or set allowInUse"
    return Blocked(Reason.VOLUME_IN_USE, message)


def _job_name(observed: Observed, _: Spec) -> Blocked | None:
    name = name_for(observed.resource)
    job = named(observed.jobs, name)
    return name_taken(JOB.name, name) if job is not None and not is_owned(job, observed.resource) else None


def _admission(observed: Observed, spec: Spec) -> Blocked | None:
    return find_admission_problem(spec.pod, observed.namespace)


CHECKS: tuple[Callable[[Observed, Spec], Blocked | None], ...] = (
    _repository,
    find_class_problem,
    _data_claim,
    _cache_claim,
    _mover_volumes,
    _volume_users,
    _job_name,
    _admission,
)
