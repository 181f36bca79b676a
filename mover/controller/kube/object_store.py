"""The objects of one kind as last seen: kept up to date by a watch, and never older than the controller's last write.

A watch lags behind the controller's writes. So the answer to each write is stored at once, and what the watch then
reports of an earlier version is ignored. Versions are compared as numbers: Kubernetes promises since 1.35 that they
can be, and has kept to it ever since there were any.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from mover.controller.kube.kinds import KubernetesObject

Changed: TypeAlias = Callable[[KubernetesObject | None, KubernetesObject | None], None]
"""Called with each object that was added (None before), changed, or deleted (None after)."""

_Change: TypeAlias = tuple[KubernetesObject | None, KubernetesObject | None]

MOST_TOMBSTONES = 10_000
"""Deleted objects that are remembered as such."""


def namespace_of(item: KubernetesObject) -> str:
    """Return the namespace of an object; empty for a kind that has none."""
    return str(item["metadata"].get("namespace", ""))


def name_of(item: KubernetesObject) -> str:
    """Return the name of an object."""
    return str(item["metadata"]["name"])


def uid_of(item: KubernetesObject) -> str:
    """Return the uid of an object, unique over time even if the name is reused."""
    return str(item["metadata"]["uid"])


def version_of(item: KubernetesObject) -> int:
    """Return the resourceVersion of an object."""
    return int(item["metadata"]["resourceVersion"])


def without_managed_fields(item: KubernetesObject) -> KubernetesObject:
    """Return an object without ``managedFields``, which are half of its size and never used."""
    return {**item, "metadata": {k: v for k, v in item["metadata"].items() if k != "managedFields"}}


class Store:
    """The objects of one kind; safe to use from several threads. ``keep`` says what of each object is kept."""

    def __init__(
        self, changed: Changed, keep: Callable[[KubernetesObject], KubernetesObject] = without_managed_fields
    ) -> None:
        self._objects: dict[str, dict[str, KubernetesObject]] = defaultdict(dict)
        self._tombstones: dict[str, None] = {}
        """The uids of deleted objects, the oldest first. An update that arrives after the deletion was seen is stale,
        as the watch and the answers to writes come in any order; without a tombstone the object would reappear."""
        self._lock = threading.Lock()
        self._changed = changed
        self._keep = keep
        self.synced = threading.Event()
        """Set once everything was listed."""
        self.served = True
        """Whether the API server knows this kind, and lets the controller see it."""

    def get(self, namespace: str, name: str) -> KubernetesObject | None:
        """Return an object, or None if there is none of this name."""
        with self._lock:
            return self._objects.get(namespace, {}).get(name)

    def in_namespace(self, namespace: str) -> list[KubernetesObject]:
        """Return all objects of a namespace; an empty one has those that have none."""
        with self._lock:
            return list(self._objects.get(namespace, {}).values())

    def __iter__(self) -> Iterator[KubernetesObject]:
        with self._lock:
            return iter(self._all())

    def replace(self, version: str, listed: Iterable[KubernetesObject]) -> None:
        """Replace all objects by a list of them, made at ``version``; what is not in it was deleted."""
        listed_by_uid = {uid_of(item): item for item in listed}
        with self._lock:
            # What this controller created after the list was made is in the store, and rightly not in the list.
            deleted = [i for i in self._all() if uid_of(i) not in listed_by_uid and version_of(i) <= int(version)]
            for item in deleted:
                self._drop(item)
                self._add_tombstone(item)
            changes = [change for change in map(self._put, listed_by_uid.values()) if change]
        self.synced.set()
        self._notify([*((item, None) for item in deleted), *changes])

    def put(self, item: KubernetesObject) -> None:
        """Store an object, unless a later version of it is known, or its deletion."""
        with self._lock:
            change = self._put(item)
        self._notify([change] if change else [])

    def remove(self, item: KubernetesObject) -> None:
        """Remove an object that was deleted, for good."""
        with self._lock:
            self._add_tombstone(item)
            known = self._objects.get(namespace_of(item), {}).get(name_of(item))
            changes: list[_Change] = []
            if known is not None and uid_of(known) == uid_of(item):
                self._drop(known)
                changes.append((known, None))
        self._notify(changes)

    def _all(self) -> list[KubernetesObject]:
        return [item for items in self._objects.values() for item in items.values()]

    def _drop(self, item: KubernetesObject) -> None:
        items = self._objects[namespace_of(item)]
        del items[name_of(item)]
        if not items:
            del self._objects[namespace_of(item)]

    def _add_tombstone(self, item: KubernetesObject) -> None:
        self._tombstones[uid_of(item)] = None
        if len(self._tombstones) > MOST_TOMBSTONES:
            del self._tombstones[next(iter(self._tombstones))]

    def _put(self, item: KubernetesObject) -> _Change | None:
        """Store an object and return the change, or None if there is none."""
        known = self._objects.get(namespace_of(item), {}).get(name_of(item))
        if uid_of(item) in self._tombstones or (known is not None and version_of(known) > version_of(item)):
            return None
        kept = self._keep(item)
        self._objects[namespace_of(item)][name_of(item)] = kept
        return None if known is not None and _content(known) == _content(kept) else (known, kept)

    def _notify(self, changes: Iterable[_Change]) -> None:
        # Without the lock: a callback may read the store.
        for before, after in changes:
            self._changed(before, after)


def _content(item: KubernetesObject) -> KubernetesObject:
    return {**item, "metadata": {k: v for k, v in item["metadata"].items() if k != "resourceVersion"}}
