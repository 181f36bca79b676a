"""One resource as it is looked at: what is observed, what is wanted, what is remembered."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mover.controller.api.conditions import NORMAL, Reason, Type
from mover.controller.api.spec import Spec
from mover.controller.api.status import StatusEditor
from mover.controller.kube.kinds import JOB, KubernetesObject
from mover.controller.reconcile.decision import Create, Decision, Delete, Event, PatchStatus, Write
from mover.controller.resources.observed import Observed


@dataclass(frozen=True)
class Options:
    """What the controller was started with."""

    image: str
    """The image of the mover's pods."""
    spread: timedelta = timedelta(minutes=1)
    """By how much syncs of one tick are spread over time at the most; 0: they all start at once."""


@dataclass
class ReconcileContext:
    """What decisions are taken on. The status is changed on the way, the rest never."""

    observed: Observed
    options: Options
    spec: Spec
    status: StatusEditor
    events: list[Event] = field(default_factory=list)

    @property
    def resource(self) -> KubernetesObject:
        """The resource."""
        return self.observed.resource

    @property
    def now(self) -> datetime:
        """The time."""
        return self.observed.now

    def synchronizing(self, reason: str, message: str, *, status: bool) -> None:
        """Set the condition that is the resource's state, and tell an event where it is a new trouble."""
        before = self.status.condition(Type.SYNCHRONIZING).get("reason")
        self.status.set_condition(Type.SYNCHRONIZING, reason, message, status=status)
        if before != reason and reason not in NORMAL:
            self.warn(reason, message)

    def in_progress(self) -> None:
        """Say that all is well, unless the API server has just said that it is not."""
        if self.status.condition(Type.SYNCHRONIZING).get("reason") != Reason.REFUSED_BY_API:
            self.synchronizing(Reason.SYNC_IN_PROGRESS, "Synchronization in-progress", status=True)

    def warn(self, reason: str, message: str) -> None:
        """Tell an event, once."""
        event = Event("Warning", str(reason), message)
        if event not in self.events:
            self.events.append(event)

    def decided(self, sentence: str, *writes: Write, at: datetime | None = None) -> Decision:
        """Return the decision: first the status, then the writes, then events.

        A Job is only made, and anything only deleted, right after a write that fails where the resource has changed
        since it was read: who looks at an old version can't start a second Job, or delete what a new one needs.
        """
        patch = self.status.patch()
        is_grave = any(isinstance(w, Delete) or (isinstance(w, Create) and w.kind is JOB) for w in writes)
        first = [PatchStatus(patch)] if "status" in patch or is_grave else []
        return Decision(sentence, (*first, *writes, *self.events), at)
