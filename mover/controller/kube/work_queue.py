"""Which keys have to be processed, and when: each by one worker at a time, however often it is added."""

import heapq
import threading
import time
from collections import defaultdict
from typing import Generic, TypeVar

from mover.controller import retry_delays

Key = TypeVar("Key")


class WorkQueue(Generic[Key]):
    """Hands out keys to workers; safe to use from several threads.

    A key that is added while a worker has it is handed out again when the worker is done with it.
    """

    def __init__(self) -> None:
        self._ready: dict[Key, None] = {}
        """The keys that wait for a worker, in the order they were added."""
        self._working: set[Key] = set()
        self._again: set[Key] = set()
        self._due: dict[Key, float] = {}
        self._timers: list[tuple[float, int, Key]] = []
        """A heap; an entry that differs from ``_due`` was canceled."""
        self._count = 0
        self._failures: dict[Key, int] = defaultdict(int)
        self._stopped = False
        self._changed = threading.Condition()

    def add(self, key: Key) -> None:
        """Add a key to be processed now."""
        with self._changed:
            self._add(key)

    def add_after(self, key: Key, seconds: float) -> None:
        """Add a key to be processed later; the earliest such time counts, and only until the key is processed."""
        due = time.monotonic() + max(seconds, 0.0)
        with self._changed:
            if key not in self._due or due < self._due[key]:
                self._due[key] = due
                self._count += 1  # so that keys themselves are never compared
                heapq.heappush(self._timers, (due, self._count, key))
                self._changed.notify()

    def add_failed(self, key: Key) -> float:
        """Add a key again after a failure; returns the delay in seconds, longer with each failure in a row."""
        with self._changed:
            wait = retry_delays.RECONCILE.seconds(self._failures[key])
            self._failures[key] += 1
        self.add_after(key, wait)
        return wait

    def succeeded(self, key: Key) -> None:
        """Forget how often a key failed."""
        with self._changed:
            self._failures.pop(key, None)

    def take(self) -> Key | None:
        """Wait for a key and return it, or None once the queue was stopped; ``done`` must follow."""
        with self._changed:
            while not self._stopped:
                wait = self._release_due()
                if self._ready:
                    key = next(iter(self._ready))
                    del self._ready[key]
                    self._due.pop(key, None)
                    self._working.add(key)
                    return key
                self._changed.wait(wait)
            return None

    def done(self, key: Key) -> None:
        """Give back a key, which is handed out again if it was added meanwhile."""
        with self._changed:
            self._working.discard(key)
            if key in self._again:
                self._again.discard(key)
                self._add(key)

    def stop(self) -> None:
        """Hand out nothing more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _add(self, key: Key) -> None:
        if key in self._working:
            self._again.add(key)
        elif key not in self._ready:
            self._ready[key] = None
            self._changed.notify()

    def _release_due(self) -> float | None:
        """Make the keys ready that are due, and return the seconds until the next one is; None: there is none."""
        now = time.monotonic()
        while self._timers:
            due, _, key = self._timers[0]
            is_canceled = self._due.get(key) != due
            if not is_canceled and due > now:
                return due - now
            heapq.heappop(self._timers)
            if not is_canceled:
                del self._due[key]
                self._add(key)
        return None
