"""What to do about one resource: a few writes in order, when to look again, and one sentence on what and why."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from mover.controller.kube.kinds import Kind, KubernetesObject


@dataclass(frozen=True)
class Create:
    """Make an object. That there is one of its name already is a conflict: look again."""

    kind: Kind
    body: KubernetesObject

    @property
    def name(self) -> str:
        """The name of the object."""
        return str(self.body["metadata"]["name"])


@dataclass(frozen=True)
class Patch:
    """Merge ``body`` into an object of the resource's namespace; it holds the resourceVersion it was decided on."""

    kind: Kind
    name: str
    body: KubernetesObject


@dataclass(frozen=True)
class PatchStatus:
    """Merge ``body`` into the resource's ``/status``; it holds the resourceVersion it was decided on.

    A body with nothing else in it changes nothing: it is sent all the same, because it fails with a conflict where
    the resource has changed, and then what comes after it is not done.
    """

    body: KubernetesObject


@dataclass(frozen=True)
class Delete:
    """Delete an object with this uid, and in the background what it owns. That it has gone already is success."""

    kind: Kind
    name: str
    uid: str


@dataclass(frozen=True)
class Event:
    """Tell an event about the resource. Where it can't be told that is logged, and nothing else is different."""

    type: str
    """``Normal`` or ``Warning``."""
    reason: str
    message: str


Write: TypeAlias = Create | Patch | PatchStatus | Delete | Event


@dataclass(frozen=True)
class Decision:
    """What to do now. The first write that fails ends it; everything is then looked at again."""

    sentence: str
    """What is done and why, for the log; it says the same as long as nothing changes."""
    writes: tuple[Write, ...] = field(default=())
    requeue_at: datetime | None = None
    """When to look again, even if nothing changes; None: not before something does."""
