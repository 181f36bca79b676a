"""Whether the controller is alive and ready, for the kubelet and for people.

``/healthz``: every thread is alive and makes progress; otherwise only a restart helps. ``/readyz``: all objects are
listed and watched; otherwise the answer names what is missing. An unreachable API server makes the controller unready,
never unhealthy: a restart would not bring it back.

There are no metrics yet. They belong here as ``/metrics``, and are to be counted where states change, in
`mover.controller.reconcile.transitions`.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

Problems: TypeAlias = Callable[[], list[str]]
"""Returns what is wrong, one message each."""


@contextmanager
def serving(address: tuple[str, int], liveness_problems: Problems, readiness_problems: Problems) -> Iterator[None]:
    """Answer ``/healthz`` and ``/readyz`` from other threads until the block ends."""
    with _server(address, _handler({"/healthz": liveness_problems, "/readyz": readiness_problems})) as server:
        thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def _handler(checks: Mapping[str, Problems]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            check = checks.get(self.path.partition("?")[0])
            if check is None:
                self._answer(HTTPStatus.NOT_FOUND, f"not found; see {' and '.join(checks)}")
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
            """Log nothing: the kubelet asks every few seconds."""

    return Handler


def bind_address(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """Return what to listen on: IPv6 for such an address, and for an empty host all addresses of both families."""
    if ":" in host or (not host and socket.has_dualstack_ipv6()):
        return socket.AF_INET6, (host or "::", port)
    return socket.AF_INET, (host, port)


def _server(address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    family, bound = bind_address(*address)
    return _DualStackServer(bound, handler) if family is socket.AF_INET6 else ThreadingHTTPServer(bound, handler)


class _DualStackServer(ThreadingHTTPServer):
    """Accepts IPv4 too if it listens on ``::``: the kubelet probes whichever address the pod has."""

    address_family = socket.AF_INET6

    def server_bind(self) -> None:
        with contextlib.suppress(OSError):  # a system without IPv4 does not have the option
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()
