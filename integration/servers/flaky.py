"""A proxy in front of an S3 server that responds with 503 to some requests, for a while or for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import urlsplit

from integration.servers.counting import Proxy, Traffic
from integration.servers.http import serving


@dataclass
class Flaky:
    """What fails at `endpoint`: the next `times` requests of a method whose path holds a part."""

    endpoint: str = ""
    method: str = ""
    part: str = ""
    times: int = 0
    failed: int = 0
    """How many requests did."""

    def fail(self, method: str, part: str, times: int) -> None:
        """Fail from now on; the count starts at zero."""
        self.method, self.part, self.times, self.failed = method, part, times, 0

    def takes(self, method: str, path: str) -> bool:
        """Whether this request fails; it is then counted."""
        fails = self.failed < self.times and method == self.method and self.part in path
        self.failed += fails
        return fails


@contextmanager
def flaky(target: str) -> Iterator[Flaky]:
    """Run a proxy in front of the server at `target`, a plain http address; nothing fails until `fail` is called."""
    upstream, state = urlsplit(target).netloc, Flaky()

    class Failing(Proxy):
        def setup(self) -> None:
            super().setup()
            self.upstream, self.traffic = HTTPConnection(upstream), Traffic()

        def respond(self) -> None:
            if not state.takes(self.command, self.path):
                super().respond()
                return
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(HTTPStatus.SERVICE_UNAVAILABLE)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Failing) as state.endpoint:
        yield state
