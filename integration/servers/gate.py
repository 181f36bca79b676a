"""A reverse proxy in front of an S3 server that holds one request of the test's choice.

So a client is caught at a known point of its work, whatever the machine's speed.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

from integration.servers.counting import Proxy, Traffic
from integration.servers.http import serving

SECONDS = 100.0

Choice = Callable[[str, str, int], bool]
"""Chooses a request by its method, its path, and how many came before it since the gate was set."""


@dataclass
class Gate(Traffic):
    """What goes through a proxy at `endpoint`, and the one request it holds."""

    _choice: Choice | None = None
    _after: bool = False
    _dropped: bool = False
    _seen: int = 0
    _held: threading.Event = field(default_factory=threading.Event)
    _opened: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def holds(self) -> bool:
        """Whether the request has come."""
        return self._held.is_set()

    def hold(self, choice: Choice, *, after: bool = False) -> None:
        """Hold the first request that is chosen before the server sees it, or its response `after` the server acted."""
        self._held, self._opened = threading.Event(), threading.Event()
        self._choice, self._after, self._dropped, self._seen = choice, after, False, 0

    def wait_until_held(self) -> None:
        """Return once the request has come."""
        assert self._held.wait(SECONDS), f"no such request among {[(r.method, r.path) for r in self.requests]}"

    def open(self) -> None:
        """Let the held request go on, and all others."""
        self._choice = None
        self._opened.set()

    def drop(self) -> None:
        """Cut the connection of the held request, whose client is dead, and let all others pass."""
        self._dropped = True
        self.open()

    def stop_at(self, method: str, path: str, *, after: bool) -> None:
        """Wait, if this is the request to be held at this point; for the proxy."""
        with self._lock:
            chosen = self._choice is not None and after is self._after and self._choice(method, path, self._seen)
            self._seen += after is self._after
            opened = self._opened
            if chosen:
                self._choice = None
                self._held.set()
        if chosen:
            opened.wait(SECONDS)
        if chosen and self._dropped:
            raise ConnectionError("the client of the held request is gone")


@contextmanager
def gate(target: str) -> Iterator[Gate]:
    """Run a gate in front of the server at `target`, a plain http address; it holds nothing until `hold` is called."""
    upstream = urlsplit(target).netloc
    running = Gate()

    class Gated(Proxy):
        def setup(self) -> None:
            super().setup()
            self.upstream = HTTPConnection(upstream)
            self.traffic = running

        def respond(self) -> None:
            running.stop_at(self.command, self.path, after=False)
            super().respond()

        def _pass_back(self, response: HTTPResponse) -> tuple[int, bytes]:
            running.stop_at(self.command, self.path, after=True)
            return super()._pass_back(response)

    with serving(Gated) as running.endpoint:
        try:
            yield running
        finally:
            running.open()
