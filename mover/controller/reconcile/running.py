"""A resource whose Job has not ended: the attempt fails only if three of its pods in a row are disrupted."""

from dataclasses import replace

from mover.controller.api.conditions import Reason
from mover.controller.api.timestamps import created_at
from mover.controller.reconcile import transitions
from mover.controller.reconcile.decision import Decision
from mover.controller.reconcile.idle import reconcile_idle
from mover.controller.reconcile.reconcile_context import ReconcileContext
from mover.controller.resources.job_result import JobResult
from mover.controller.resources.pod_diagnosis import (
    STARTUP_GRACE,
    disrupted_pods,
    find_start_problem,
    has_started,
    pods_of,
)

MOST_DISRUPTED_PODS = 3
"""How many pods in a row may be disrupted before the attempt fails."""


def reconcile_running(context: ReconcileContext) -> Decision:
    """Report progress, or why the mover does not start."""
    attempt, job = context.attempt, context.job
    pods = pods_of(job, context.observed.pods)
    # Evicted pods are deleted some time: the status remembers them.
    disrupted = tuple(dict.fromkeys([*attempt.disrupted, *disrupted_pods(pods)]))
    context.status.attempt = replace(attempt, disrupted=disrupted)
    if len(disrupted) >= MOST_DISRUPTED_PODS:
        result = JobResult(None, f"{len(disrupted)} pods in a row were evicted or lost their node", context.now)
        return reconcile_idle(context, transitions.sync_failed(context, result, Reason.DISRUPTED))
    problem = find_start_problem(job, pods, context.now)
    if problem:
        return _not_starting(context, problem)
    transitions.attempt_running(context)
    overdue_at = created_at(job, context.now) + STARTUP_GRACE
    at = overdue_at if not has_started(pods) and overdue_at > context.now else None
    return context.decided(f"Job {job['metadata']['name']} is running", at=at)


def _not_starting(context: ReconcileContext, problem: str) -> Decision:
    if context.has_newer_spec and not context.spec.paused and not context.spec.problems:
        transitions.attempt_abandoned(context)
        return reconcile_idle(context, "Spec changed before the mover started: its Job is created again")
    transitions.attempt_stalled(context, Reason.MOVER_NOT_STARTING, problem)
    return context.decided(problem)
