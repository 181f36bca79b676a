"""The writes that a controller can decide on, as values: what is decided is then pure, and what is written is tested.

All of them are about objects in the namespace of the resource that is reconciled.
"""

from dataclasses import dataclass
from typing import TypeAlias

from mover.controller.kube.kinds import Kind, KubernetesObject


@dataclass(frozen=True)
class Create:
    """Create an object. If one of its name exists already, that is a conflict: reconcile again."""

    kind: Kind
    body: KubernetesObject

    @property
    def name(self) -> str:
        """The name of the object."""
        return str(self.body["metadata"]["name"])


@dataclass(frozen=True)
class Patch:
    """Merge ``body`` into an object; it holds the resourceVersion that the decision was based on."""

    kind: Kind
    name: str
    body: KubernetesObject


@dataclass(frozen=True)
class PatchStatus:
    """Merge ``body`` into the resource's ``/status``; it holds the resourceVersion that the decision was based on.

    A body with nothing else in it changes nothing. It is sent all the same: it fails with a conflict if the
    resource has changed, and then the writes after it are not done.
    """

    body: KubernetesObject


@dataclass(frozen=True)
class Delete:
    """Delete an object with this uid, and in the background what it owns. An object that is gone is no error."""

    kind: Kind
    name: str
    uid: str


@dataclass(frozen=True)
class Event:
    """Record an event about the resource. If that fails it is logged, and nothing else is different."""

    type: str
    """``Normal`` or ``Warning``."""
    reason: str
    message: str


Write: TypeAlias = Create | Patch | PatchStatus | Delete | Event
Writes: TypeAlias = tuple[Write, ...]
