"""Servers on loopback that misbehave, each the length of a block; each yields its address."""

import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from ssl import SSLContext

from integration.servers.certificates import issue
from integration.servers.http import Handler, serving
from tests.support.ports import LOOPBACK, bound, port_of

WEB_PAGE = b"<!DOCTYPE html><html><body><h1>Welcome to the router</h1></body></html>"
FILLERS = 16
FULL_AFTER_SECONDS = 0.3


@contextmanager
def refusing() -> Iterator[str]:
    """Refuse every connection: a port held by us that nobody listens on."""
    with bound() as held:
        yield f"http://{LOOPBACK}:{port_of(held)}"


@contextmanager
def silent() -> Iterator[str]:
    """Accept connections (the kernel does, for a listening socket) and never respond."""
    with bound() as listener:
        listener.listen(128)
        yield f"http://{LOOPBACK}:{port_of(listener)}"


@contextmanager
def black_hole() -> Iterator[str]:
    """Drop every packet that would open a connection.

    Linux drops them when a listening socket's queue is full, so we fill it
    (tcp(7), listen(2)). Raises OSError if it never gets full.
    """
    with bound() as listener, ExitStack() as fillers:
        listener.listen(0)
        for _ in range(FILLERS):
            filler = fillers.enter_context(socket.socket())
            filler.settimeout(FULL_AFTER_SECONDS)
            try:
                filler.connect(listener.getsockname())
            except TimeoutError:
                break
        else:
            raise OSError("the queue of a listening socket doesn't get full on this system")
        yield f"http://{LOOPBACK}:{port_of(listener)}"


def unavailable() -> AbstractContextManager[str]:
    """Respond with 503 to everything."""
    return always_responding(HTTPStatus.SERVICE_UNAVAILABLE, b"<Error><Code>SlowDown</Code></Error>")


def web_page(status: HTTPStatus = HTTPStatus.NOT_FOUND) -> AbstractContextManager[str]:
    """Respond with an HTML page to everything, as a wrong address or a captive portal does."""
    return always_responding(status, WEB_PAGE, "text/html; charset=utf-8")


@contextmanager
def plain_http_behind_https() -> Iterator[str]:
    """Speak plain HTTP at an address that says https."""
    with web_page() as address:
        yield address.replace("http://", "https://")


@contextmanager
def untrusted_certificate(folder: Path) -> Iterator[str]:
    """Speak TLS under a certificate of an authority nobody trusts, whose file is in `folder`."""
    with always_responding(HTTPStatus.NOT_FOUND, WEB_PAGE, context=issue(folder).server_context()) as address:
        yield address


def always_responding(
    status: HTTPStatus,
    body: bytes,
    content_type: str = "application/xml",
    context: SSLContext | None = None,
) -> AbstractContextManager[str]:
    """Give the same response to everything."""

    class Same(Handler):
        def respond(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.reply(status, body, content_type)

    return serving(Same, context)
