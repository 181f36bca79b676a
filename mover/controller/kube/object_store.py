"""What the controller knows of one kind: kept up to date by a watch, and never older than its own last write.

A watch lags behind the controller's writes. So the answer to each write is stored at once, and what the watch then
says of an earlier version is passed over. Versions are compared as numbers: Kubernetes promises since 1.35 that they
can be, and has kept to it ever since there were any.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from mover.controller.kube.kinds import KubernetesObject

Changed: TypeAlias = Callable[[KubernetesObject | None, KubernetesObject | None], None]
"""Told of each object that came (None before), changed, or went (None after)."""

_Change: TypeAlias = tuple[KubernetesObject | None, KubernetesObject | None]

MOST_GONE = 10_000
"""Deleted objects that are remembered as such."""


def namespace_of(item: KubernetesObject) -> str:
    """Return the namespace of an object; empty for a kind that has none."""
    return str(item["metadata"].get("namespace", ""))


def name_of(item: KubernetesObject) -> str:
    """Return the name of an object."""
    return str(item["metadata"]["name"])


def uid_of(item: KubernetesObject) -> str:
    """Return what tells an object from any other of the same name, before or after."""
    return str(item["metadata"]["uid"])


def version_of(item: KubernetesObject) -> int:
    """Return the resourceVersion of an object."""
    return int(item["metadata"]["resourceVersion"])


def whole(item: KubernetesObject) -> KubernetesObject:
    """Return an object without the record of who manages which field, which is half of it and used by nobody."""
    return {**item, "metadata": {k: v for k, v in item["metadata"].items() if k != "managedFields"}}


class Store:
    """The objects of one kind; safe to use from several threads. ``keep`` says what of each object is kept."""

    def __init__(self, changed: Changed, keep: Callable[[KubernetesObject], KubernetesObject] = whole) -> None:
        self._objects: dict[str, dict[str, KubernetesObject]] = defaultdict(dict)
        self._gone: dict[str, None] = {}
        """The uids of what was deleted, the oldest first. Watch and answers to writes come in any order, and what
        either says of an object's life after the other told its end is old: it would stay in the store for ever."""
        self._lock = threading.Lock()
        self._changed = changed
        self._keep = keep
        self.synced = threading.Event()
        """Set once everything was listed."""
        self.served = True
        """Whether the API server knows this kind, and lets the controller see it."""

    def get(self, namespace: str, name: str) -> KubernetesObject | None:
        """Return an object, or None where there is none of this name."""
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
        """Take over a list of all objects, made at ``version``; what is not in it has gone."""
        found = {uid_of(item): item for item in listed}
        with self._lock:
            # What this controller has made since the list was made is in the store, and rightly not in the list.
            gone = [i for i in self._all() if uid_of(i) not in found and version_of(i) <= int(version)]
            for item in gone:
                self._drop(item)
                self._never_again(item)
            changes = [change for change in map(self._put, found.values()) if change]
        self.synced.set()
        self._tell([*((item, None) for item in gone), *changes])

    def put(self, item: KubernetesObject) -> None:
        """Take over an object, unless a later version of it is known, or that it was deleted."""
        with self._lock:
            change = self._put(item)
        self._tell([change] if change else [])

    def remove(self, item: KubernetesObject) -> None:
        """Take out an object that has gone, for good."""
        with self._lock:
            self._never_again(item)
            known = self._objects.get(namespace_of(item), {}).get(name_of(item))
            changes: list[_Change] = []
            if known is not None and uid_of(known) == uid_of(item):
                self._drop(known)
                changes.append((known, None))
        self._tell(changes)

    def _all(self) -> list[KubernetesObject]:
        return [item for items in self._objects.values() for item in items.values()]

    def _drop(self, item: KubernetesObject) -> None:
        items = self._objects[namespace_of(item)]
        del items[name_of(item)]
        if not items:
            del self._objects[namespace_of(item)]

    def _never_again(self, item: KubernetesObject) -> None:
        self._gone[uid_of(item)] = None
        if len(self._gone) > MOST_GONE:
            del self._gone[next(iter(self._gone))]

    def _put(self, item: KubernetesObject) -> _Change | None:
        """Store an object and return the change, or None where there is none."""
        known = self._objects.get(namespace_of(item), {}).get(name_of(item))
        if uid_of(item) in self._gone or (known is not None and version_of(known) > version_of(item)):
            return None
        kept = self._keep(item)
        self._objects[namespace_of(item)][name_of(item)] = kept
        return None if known is not None and _content(known) == _content(kept) else (known, kept)

    def _tell(self, changes: Iterable[_Change]) -> None:
        # Without the lock: who is told may look at the store.
        for before, after in changes:
            self._changed(before, after)


def _content(item: KubernetesObject) -> KubernetesObject:
    return {**item, "metadata": {k: v for k, v in item["metadata"].items() if k != "resourceVersion"}}
