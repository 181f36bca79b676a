"""A resource's status: what is remembered between one look and the next, and told to its users.

Beside the fields that VolSync has too there are:

- ``attempt``: the attempt under way: ``id``, ``startTime``, ``manual`` (the tag that started it), ``generation`` (of
  the spec), ``disruptedPods`` (uids)
- ``failure``: why and how often in a row it went wrong, until it goes well: ``count``, ``generation``, ``reason``,
  ``message``, ``retryTime``
- ``restic.lastChecked``, and ``lastSnapshot`` or ``lastRestored`` as the outcome object has them

Whatever else is stored there, such as by an older version, reads as if it were not there.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mover.controller.api.conditions import Reason, Type
from mover.controller.kube.kinds import KubernetesObject
from mover.platform.clock import read_time, write_time

CLOCK_SKEW = timedelta(minutes=5)
LONGEST_MESSAGE = 1024
"""Characters."""


@dataclass(frozen=True)
class Attempt:
    """One attempt to back up or restore; it has one Job."""

    id: str
    """The resourceVersion that the decision to start was taken on: only one attempt can start from it."""
    start: datetime
    manual: str
    generation: int
    disrupted: tuple[str, ...] = ()
    """The uids of its pods that were evicted, or lost their node."""


@dataclass(frozen=True)
class Failed:
    """The failures since the last success."""

    count: int
    generation: int
    """Of the spec that the last of them had."""
    reason: str
    message: str
    retry: datetime


class StatusEditor:
    """The status of a resource, to be read and changed; ``patch`` then says what has changed."""

    def __init__(self, resource: KubernetesObject, now: datetime) -> None:
        self._version = str(resource["metadata"]["resourceVersion"])
        self.generation = int(resource["metadata"].get("generation") or 0)
        self._now = now
        self._before = _mapping(resource.get("status"))
        self.fields: dict[str, Any] = copy.deepcopy(self._before)

    @property
    def attempt(self) -> Attempt | None:
        """The attempt under way."""
        found = _mapping(self.fields.get("attempt"))
        start, id_ = _time(found.get("startTime")), found.get("id")
        if start is None or not isinstance(id_, str):
            return None
        pods = found.get("disruptedPods")
        disrupted = tuple(map(str, pods)) if isinstance(pods, list) else ()
        return Attempt(id_, start, _text(found.get("manual")), _number(found.get("generation")), disrupted)

    @attempt.setter
    def attempt(self, attempt: Attempt | None) -> None:
        if attempt is None:
            self.fields.pop("attempt", None)
            return
        kept = {"id": attempt.id, "startTime": write_time(attempt.start), "generation": attempt.generation}
        kept |= {"manual": attempt.manual} if attempt.manual else {}
        self.fields["attempt"] = kept | ({"disruptedPods": list(attempt.disrupted)} if attempt.disrupted else {})
        self.fields.setdefault("lastSyncStartTime", kept["startTime"])

    @property
    def failed(self) -> Failed | None:
        """What went wrong since the last success."""
        found = _mapping(self.fields.get("failure"))
        retry = _time(found.get("retryTime"))
        if retry is None:
            return None
        reason = _text(found.get("reason")) or Reason.NO_OUTCOME
        texts = (reason, _text(found.get("message")))
        return Failed(max(1, _number(found.get("count"))), _number(found.get("generation")), *texts, retry)

    @failed.setter
    def failed(self, failed: Failed | None) -> None:
        self.fields.pop("failure", None)
        if failed:
            kept = {name: value for name, value in vars(failed).items() if name != "retry"}
            self.fields["failure"] = {**kept, "retryTime": write_time(failed.retry)}

    @property
    def last_sync(self) -> datetime | None:
        """When the last sync ended that counts. One in the future is not believed."""
        found = _time(self.fields.get("lastSyncTime"))
        return found if found and found <= self._now + CLOCK_SKEW else None

    @property
    def sync_started(self) -> datetime | None:
        """When the first attempt at the sync under way started."""
        return _time(self.fields.get("lastSyncStartTime"))

    @property
    def last_manual(self) -> str:
        """The tag that started the last sync that counts."""
        return _text(self.fields.get("lastManualSync"))

    @property
    def last_pruned(self) -> datetime | None:
        """When the last prune succeeded."""
        return _time(_mapping(self.fields.get("restic")).get("lastPruned"))

    @property
    def last_unlocked(self) -> str:
        """The value of ``unlock`` that was carried out last."""
        return _text(_mapping(self.fields.get("restic")).get("lastUnlocked"))

    @property
    def latest_snapshot(self) -> str | None:
        """The name of the VolumeSnapshot that ``latestImage`` is."""
        image = _mapping(self.fields.get("latestImage"))
        return _text(image.get("name")) if image.get("kind") == "VolumeSnapshot" else None

    def set(self, name: str, value: Any | None) -> None:  # noqa: ANN401  a field may hold anything
        """Set a field, or remove it."""
        self.fields.pop(name, None)
        if value is not None:
            self.fields[name] = value

    def set_restic(self, name: str, value: str | None) -> None:
        """Set a field of ``restic``, or remove it."""
        fields = {k: v for k, v in _mapping(self.fields.get("restic")).items() if k != name}
        self.set("restic", fields | ({} if value is None else {name: value}) or None)

    def set_time(self, name: str, moment: datetime | None) -> None:
        """Set a time, or remove it."""
        self.set(name, write_time(moment) if moment else None)

    def condition(self, type_: Type) -> Mapping[str, Any]:
        """Return a condition; an empty one where it is not there."""
        return next((c for c in self._conditions() if c.get("type") == type_), {})

    def set_condition(self, type_: Type, reason: str, message: str, *, status: bool = True) -> None:
        """Set a condition. Its transition time changes only where its status does."""
        old = self.condition(type_)
        told = "True" if status else "False"
        since = old.get("lastTransitionTime") if old.get("status") == told else None
        new = {
            "type": str(type_),
            "status": told,
            "reason": str(reason),
            "message": shortened(message),
            "lastTransitionTime": since if _time(since) else write_time(self._now),
            "observedGeneration": self.generation,
        }
        kept = self._conditions()
        order = [str(known) for known in Type]
        others = [c for c in kept if c.get("type") != type_]
        self.fields["conditions"] = sorted([*others, new], key=lambda c: order.index(str(c["type"])))

    def drop_condition(self, type_: Type) -> None:
        """Remove a condition that does not hold any more."""
        if self.condition(type_):
            self.fields["conditions"] = [c for c in self._conditions() if c.get("type") != type_]

    def patch(self) -> dict[str, Any]:
        """Return the merge patch of ``/status``; it has nothing but the resourceVersion where nothing has changed."""
        changed = merge_patch(self._before, self.fields)
        return {"metadata": {"resourceVersion": self._version}, **({"status": changed} if changed else {})}

    def _conditions(self) -> list[dict[str, Any]]:
        found = self.fields.get("conditions")
        known = [str(type_) for type_ in Type]
        return [c for c in found if isinstance(c, dict) and c.get("type") in known] if isinstance(found, list) else []


def merge_patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON merge patch (RFC 7386) that makes one object of the other."""
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            inner = merge_patch(old, value)
            patch |= {name: inner} if inner else {}
        elif old != value:
            patch[name] = value
    return patch


def shortened(message: str) -> str:
    """Return a message that fits into a condition and into an event, and is one line of text."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return clean if len(clean) <= LONGEST_MESSAGE else clean[: LONGEST_MESSAGE - 1] + "…"


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _time(value: object) -> datetime | None:
    try:
        return read_time(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
