"""One reconcile of one resource: what is observed, what the spec wants, and the status, which is changed on the way."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mover.controller.api.spec import Spec
from mover.controller.api.status import Attempt, StatusEditor
from mover.controller.kube.kinds import JOB, KubernetesObject
from mover.controller.kube.writes import Create, Delete, Event, PatchStatus, Write
from mover.controller.reconcile.decision import Decision
from mover.controller.reconcile.states import find_job
from mover.controller.resources.observed import Observed


@dataclass(frozen=True)
class Options:
    """What the controller was started with."""

    image: str
    """The image of the mover's pods."""
    spread: timedelta = timedelta(minutes=1)
    """The longest time over which the syncs of one tick are spread; 0: they all start at once."""


@dataclass
class ReconcileContext:
    """What a decision is based on. Only the status and the events change; `transitions` changes them."""

    observed: Observed
    options: Options
    spec: Spec
    status: StatusEditor
    events: list[Event] = field(default_factory=list)

    @property
    def resource(self) -> KubernetesObject:
        """The ReplicationSource or ReplicationDestination that is reconciled, as it was read."""
        return self.observed.resource

    @property
    def now(self) -> datetime:
        """The time of the decision, the same for all of it."""
        return self.observed.now

    @property
    def attempt(self) -> Attempt:
        """The running attempt; there is one in every state but Idle."""
        attempt = self.status.attempt
        if attempt is None:
            raise LookupError("an idle resource has no attempt")
        return attempt

    @property
    def job(self) -> KubernetesObject:
        """The Job of the attempt; there is one in the states Running and Finished."""
        job = find_job(self.observed, self.attempt)
        if job is None:
            raise LookupError("the attempt has no Job")
        return job

    @property
    def has_newer_spec(self) -> bool:
        """Whether the spec was changed after the attempt began."""
        return self.attempt.generation != self.status.generation

    def decided(self, message: str, *writes: Write, at: datetime | None = None) -> Decision:
        """Return the decision: first the status, then the writes, then events.

        A Job is only created, and anything only deleted, right after a write that fails if the resource has
        changed since it was read: a decision on an old version can't start a second Job, or delete what a new one
        needs.
        """
        patch = self.status.patch()
        needs_precondition = any(isinstance(w, Delete) or (isinstance(w, Create) and w.kind is JOB) for w in writes)
        first = [PatchStatus(patch)] if "status" in patch or needs_precondition else []
        return Decision(message, (*first, *writes, *self.events), at)
