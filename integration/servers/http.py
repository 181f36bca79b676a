"""A threaded HTTP server on loopback, run for the length of a block."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.ports import LOOPBACK

POLL_SECONDS = 0.05


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    block_on_close = False  # clients keep connections open; their threads end with the process

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that are killed or don't trust us are what the tests are about."""


class Handler(BaseHTTPRequestHandler):
    """Passes every method to `respond`, keeps connections open and logs nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def respond(self) -> None:
        """Read the request's body and respond."""
        raise NotImplementedError

    def reply(self, status: int, body: bytes, content_type: str) -> None:
        """Send a whole response; of one to HEAD the body is left out."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _any_method(self) -> None:
        self.respond()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _any_method  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it overrides
        """Say nothing; tests look at what is counted."""


@contextmanager
def serving(handler: type[Handler], context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Run an HTTP server, or an HTTPS one with `context`; yield its address."""
    with _Server((LOOPBACK, 0), handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=[POLL_SECONDS], daemon=True)
        thread.start()
        try:
            yield f"{'https' if context else 'http'}://{LOOPBACK}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
