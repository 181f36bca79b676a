"""The conditions that follow from the spec and the objects around it, whatever state the resource is in."""

from mover.controller.api.conditions import Reason, Type
from mover.controller.api.resource_kind import is_source
from mover.controller.reconcile.reconcile_context import ReconcileContext
from mover.controller.resources.claim_size import find_size_problem
from mover.controller.resources.shared_repository import find_shared_repository

NO_RETAIN = "spec.restic.retain: not set; every snapshot is kept and the repository keeps growing"


def update(context: ReconcileContext) -> None:
    """Set the conditions that hold, and drop those that do not any more."""
    _update(context, Type.NOTHING_FORGOTTEN, _retention_problem(context))
    shared = find_shared_repository(context.observed, context.spec.repository)
    _update(context, Type.REPOSITORY_SHARED, (Reason.SAME_SECRET, shared.message) if shared else None)
    _update(context, Type.VOLUME_SIZE, find_size_problem(context.observed, context.spec))


def _update(context: ReconcileContext, type_: Type, problem: tuple[Reason, str] | None) -> None:
    if problem:
        context.status.set_condition(type_, *problem)
    else:
        context.status.drop_condition(type_)


def _retention_problem(context: ReconcileContext) -> tuple[Reason, str] | None:
    spec = context.spec
    if is_source(context.resource) and not spec.backup.retain and not spec.problems:
        return Reason.NO_RETAIN, NO_RETAIN
    return None
