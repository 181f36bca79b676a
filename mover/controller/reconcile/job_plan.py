"""The next writes of an attempt until its Job exists: garbage collection, volumes, then the Job.

Each pass returns only what can be written now, so that a controller that is killed in between resumes from there.
"""

from mover.controller.api.status import Attempt
from mover.controller.kube.writes import Create, Delete, Patch, Writes
from mover.controller.reconcile.garbage import collect_garbage
from mover.controller.reconcile.reconcile_context import ReconcileContext
from mover.controller.resources.cache_claim import plan_cache_claim
from mover.controller.resources.data_claim import plan_data_claim
from mover.controller.resources.job import build_job
from mover.controller.resources.names import name_for
from mover.controller.resources.observed import named
from mover.controller.resources.readiness import NotReady, Readiness, Ready
from mover.controller.resources.volume_users import is_alive, is_mover_of


def plan_job(context: ReconcileContext, attempt: Attempt) -> Readiness[Writes]:
    """Return the next writes that the attempt's Job needs; the last one creates the Job."""
    observed, spec = context.observed, context.spec
    garbage = collect_garbage(observed, spec, context.status)
    if garbage:
        return Ready(garbage)
    data = plan_data_claim(observed, spec, attempt.id)
    if not isinstance(data, Ready):
        return data
    cache = plan_cache_claim(observed, spec)
    if not isinstance(cache, Ready):
        return cache
    if data.value or cache.value:
        return Ready((*data.value, *cache.value))
    earlier = _earlier_mover(context)
    return earlier or Ready((build_job(observed, spec, context.status, attempt, context.options.image),))


def _earlier_mover(context: ReconcileContext) -> NotReady | None:
    """Return what still runs of an earlier attempt: two movers must never run for one resource."""
    name = name_for(context.resource)
    if named(context.observed.jobs, name) is not None:
        return NotReady(f"Job {name} of an earlier attempt is being deleted")
    alive = [pod for pod in context.observed.pods if is_mover_of(context.resource, pod) and is_alive(pod)]
    if alive:
        return NotReady(f"pod {alive[0]['metadata']['name']} of an earlier attempt has not ended yet")
    return None


def describe(writes: Writes) -> str:
    """Return what is written, for the log."""
    objects = [w for w in writes if isinstance(w, Create | Patch | Delete)]
    return ", ".join(f"{type(w).__name__.lower()} {w.kind} {w.name}" for w in objects)
