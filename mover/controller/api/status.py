"""A resource's status: what is kept from one reconcile to the next, and what users see.

Besides the fields that VolSync has too there are:

- ``attempt``: the running attempt: ``id``, ``startTime``, ``manual`` (the tag that started it), ``generation`` (of
  the spec), ``disruptedPods`` (uids)
- ``failure``: why and how often in a row a sync failed, until one succeeds: ``count``, ``generation``, ``reason``,
  ``message``, ``retryTime``
- ``restic.lastChecked``, and ``lastSnapshot`` or ``lastRestored`` as the outcome object has them

Whatever else is stored there, such as by an older version, reads as if it were not there.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mover.controller.api.conditions import Reason, Type, shortened
from mover.controller.api.timestamps import parse_past_time, parse_time
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.kube.merge_patch import merge_patch
from mover.platform.clock import write_time


@dataclass(frozen=True)
class Attempt:
    """One attempt to back up or restore; it has one Job."""

    id: str
    """The resourceVersion that the decision to start was based on: only one attempt can start from it."""
    start: datetime
    manual: str
    generation: int
    disrupted: tuple[str, ...] = ()
    """The uids of its pods that were evicted or lost their node."""


@dataclass(frozen=True)
class Failed:
    """The failures since the last success."""

    count: int
    generation: int
    """The generation of the spec that failed last."""
    reason: str
    message: str
    retry: datetime


class StatusEditor:
    """The status of a resource, to be read and changed; ``patch`` then has what has changed."""

    def __init__(self, resource: KubernetesObject, now: datetime) -> None:
        self._version = str(resource["metadata"]["resourceVersion"])
        self.generation = int(resource["metadata"].get("generation") or 0)
        self._now = now
        self._before = _mapping(resource.get("status"))
        self.fields: dict[str, Any] = copy.deepcopy(self._before)

    @property
    def attempt(self) -> Attempt | None:
        """The running attempt; None: there is none."""
        fields = _mapping(self.fields.get("attempt"))
        start, id_ = parse_time(fields.get("startTime")), fields.get("id")
        if start is None or not isinstance(id_, str):
            return None
        pods = fields.get("disruptedPods")
        disrupted = tuple(map(str, pods)) if isinstance(pods, list) else ()
        return Attempt(id_, start, _text(fields.get("manual")), _number(fields.get("generation")), disrupted)

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
        """The failures since the last success; None: there are none."""
        fields = _mapping(self.fields.get("failure"))
        retry = parse_time(fields.get("retryTime"))
        if retry is None:
            return None
        reason = _text(fields.get("reason")) or Reason.NO_OUTCOME
        texts = (reason, _text(fields.get("message")))
        return Failed(max(1, _number(fields.get("count"))), _number(fields.get("generation")), *texts, retry)

    @failed.setter
    def failed(self, failed: Failed | None) -> None:
        self.fields.pop("failure", None)
        if failed:
            kept = {name: value for name, value in vars(failed).items() if name != "retry"}
            self.fields["failure"] = {**kept, "retryTime": write_time(failed.retry)}

    @property
    def last_sync(self) -> datetime | None:
        """When the last successful sync ended. A time in the future is ignored."""
        return parse_past_time(self.fields.get("lastSyncTime"), self._now)

    @property
    def sync_started(self) -> datetime | None:
        """When the first attempt at the running sync started."""
        return parse_time(self.fields.get("lastSyncStartTime"))

    @property
    def last_manual(self) -> str:
        """The tag that started the last successful sync."""
        return _text(self.fields.get("lastManualSync"))

    @property
    def last_pruned(self) -> datetime | None:
        """When the last prune succeeded."""
        return parse_time(_mapping(self.fields.get("restic")).get("lastPruned"))

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

    def set_duration(self, name: str, span: timedelta) -> None:
        """Set a time span, written as Go does: ``1h2m3s``, ``2m0s``, ``5s``."""
        minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
        hours, minutes = divmod(minutes, 60)
        long_parts = (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "")
        self.set(name, f"{long_parts}{seconds}s")

    def condition(self, type_: Type) -> Mapping[str, Any]:
        """Return a condition; an empty one if it is not there."""
        return next((c for c in self._conditions() if c.get("type") == type_), {})

    def set_condition(self, type_: Type, reason: str, message: str, *, status: bool = True) -> None:
        """Set a condition. Its transition time changes only if its status differs from that before all changes."""
        old = next((c for c in _known_conditions(self._before) if c.get("type") == type_), {})
        value = "True" if status else "False"
        since = old.get("lastTransitionTime") if old.get("status") == value else None
        new = {
            "type": str(type_),
            "status": value,
            "reason": str(reason),
            "message": shortened(message),
            "lastTransitionTime": since if parse_time(since) else write_time(self._now),
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
        """Return the merge patch of ``/status``; it has nothing but the resourceVersion if nothing has changed."""
        changed = merge_patch(self._before, self.fields)
        return {"metadata": {"resourceVersion": self._version}, **({"status": changed} if changed else {})}

    def _conditions(self) -> list[dict[str, Any]]:
        return _known_conditions(self.fields)


def _known_conditions(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    conditions, types = fields.get("conditions"), [str(type_) for type_ in Type]
    if not isinstance(conditions, list):
        return []
    return [c for c in conditions if isinstance(c, dict) and c.get("type") in types]


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
