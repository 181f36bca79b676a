"""The states of a resource, derived from what is observed and nowhere stored.

A sync goes Idle -> Preparing -> Running -> Finished -> Idle. An attempt is running while ``status.attempt`` is there.
"""

from enum import Enum

from mover.controller.api.spec import Spec
from mover.controller.api.status import Attempt, StatusEditor
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.job_result import is_finished
from mover.controller.resources.observed import Observed
from mover.controller.resources.ownership import attempt_of, is_owned


class State(Enum):
    """The states of a resource."""

    IDLE = "Idle"
    """No attempt is running, or one that has no Job and does not fit the spec any more."""
    PREPARING = "Preparing"
    """An attempt is running, and has no Job yet: its volumes are created."""
    RUNNING = "Running"
    """The attempt's Job has not ended."""
    FINISHED = "Finished"
    """The attempt's Job has ended, and its result is not in the status yet."""


def state_of(observed: Observed, spec: Spec, status: StatusEditor) -> State:
    """Derive the state of a resource."""
    attempt = status.attempt
    if attempt is None:
        return State.IDLE
    job = find_job(observed, attempt)
    if job is not None:
        return State.FINISHED if is_finished(job) else State.RUNNING
    is_wanted = not spec.problems and not spec.paused and attempt.generation == status.generation
    return State.PREPARING if is_wanted else State.IDLE


def find_job(observed: Observed, attempt: Attempt) -> KubernetesObject | None:
    """Return the Job of an attempt; None: it is not created yet, or was deleted."""
    jobs = (job for job in observed.jobs if is_owned(job, observed.resource))
    return next((job for job in jobs if attempt_of(job) == attempt.id), None)
