"""Which keys are to be looked at, and when: each at most once at a time, however often it is asked for."""

import heapq
import threading
import time
from collections import defaultdict
from typing import Generic, TypeVar

Key = TypeVar("Key")

FIRST_BACKOFF_SECONDS = 0.25
LONGEST_BACKOFF_SECONDS = 60.0


class WorkQueue(Generic[Key]):
    """Hands out keys to workers; safe to use from several threads.

    A key that is asked for while a worker has it is handed out again when the worker is done with it.
    """

    def __init__(self) -> None:
        self._ready: dict[Key, None] = {}
        """In the order they were asked for."""
        self._working: set[Key] = set()
        self._again: set[Key] = set()
        self._due: dict[Key, float] = {}
        self._timers: list[tuple[float, int, Key]] = []
        """A heap; an entry that is not what ``_due`` says was called off."""
        self._count = 0
        self._failures: dict[Key, int] = defaultdict(int)
        self._stopped = False
        self._changed = threading.Condition()

    def add(self, key: Key) -> None:
        """Ask for a key to be looked at now."""
        with self._changed:
            self._add(key)

    def add_after(self, key: Key, seconds: float) -> None:
        """Ask for a key to be looked at later; the earliest such wish counts, and only until the key is looked at."""
        due = time.monotonic() + max(seconds, 0.0)
        with self._changed:
            if key not in self._due or due < self._due[key]:
                self._due[key] = due
                self._count += 1  # so that keys themselves are never compared
                heapq.heappush(self._timers, (due, self._count, key))
                self._changed.notify()

    def add_failed(self, key: Key) -> float:
        """Ask for a key to be looked at again after a failure; returns the seconds, more with each one in a row."""
        with self._changed:
            wait = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2.0 ** min(self._failures[key], 20))
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
                wait = self._ring()
                if self._ready:
                    key = next(iter(self._ready))
                    del self._ready[key]
                    self._due.pop(key, None)
                    self._working.add(key)
                    return key
                self._changed.wait(wait)
            return None

    def done(self, key: Key) -> None:
        """Give back a key, which is handed out again if it was asked for meanwhile."""
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

    def __len__(self) -> int:
        """Return how many keys wait for a worker now."""
        with self._changed:
            return len(self._ready)

    def _add(self, key: Key) -> None:
        if key in self._working:
            self._again.add(key)
        elif key not in self._ready:
            self._ready[key] = None
            self._changed.notify()

    def _ring(self) -> float | None:
        """Make ready what is due, and return the seconds until the next is, or None where nothing is."""
        now = time.monotonic()
        while self._timers:
            due, _, key = self._timers[0]
            called_off = self._due.get(key) != due
            if not called_off and due > now:
                return due - now
            heapq.heappop(self._timers)
            if not called_off:
                del self._due[key]
                self._add(key)
        return None
