"""Whether the controller is alive and ready, for the kubelet and for people.

``/healthz``: every thread of the controller is there and moves; where not, only a restart helps. ``/readyz``: it knows
all its objects and is in touch with the API server; the answer says what is missing. An API server that is out of
reach makes it unready, never unhealthy: a restart would not bring it back.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

Problems: TypeAlias = Callable[[], list[str]]
"""Says what is wrong, a sentence each."""


@contextmanager
def serving(address: tuple[str, int], unhealthy: Problems, unready: Problems) -> Iterator[None]:
    """Answer ``/healthz`` and ``/readyz`` from other threads until the block ends."""
    checks = {"/healthz": unhealthy, "/readyz": unready}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            check = checks.get(self.path.partition("?")[0])
            if check is None:
                self._answer(HTTPStatus.NOT_FOUND, "There are /healthz and /readyz.")
                return
            problems = check()
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK, "\n".join(problems) or "ok")

        def _answer(self, status: HTTPStatus, text: str) -> None:
            body = f"{text}\n".encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the kubelet asks every few seconds."""

    with ThreadingHTTPServer(address, Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
