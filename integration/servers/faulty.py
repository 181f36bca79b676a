"""Servers on loopback that misbehave, each the length of a block; each yields its address."""

import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from ssl import SSLContext

from integration.servers.certificates import issue
from integration.servers.http import Handler, serving
from integration.servers.ports import LOOPBACK, bound, port_of

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
    """Accept connections (the kernel does, for a listening socket) and never answer."""
    with bound() as listener:
        listener.listen(128)
        yield f"http://{LOOPBACK}:{port_of(listener)}"


@contextmanager
def black_hole() -> Iterator[str]:
    """Drop every packet that would open a connection.

    Linux drops them where a listening socket's queue is full, so we fill it
    (tcp(7), listen(2)). Raises OSError where it never gets full.
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
    """Answer 503 to everything."""
    return answering(HTTPStatus.SERVICE_UNAVAILABLE, b"<Error><Code>SlowDown</Code></Error>")


def web_page(status: HTTPStatus = HTTPStatus.NOT_FOUND) -> AbstractContextManager[str]:
    """Answer an HTML page to everything, as a wrong address or a captive portal does."""
    return answering(status, WEB_PAGE, "text/html; charset=utf-8")


@contextmanager
def plain_http_behind_https() -> Iterator[str]:
    """Speak plain HTTP at an address that says https."""
    with web_page() as address:
        yield address.replace("http://", "https://")


@contextmanager
def untrusted_certificate(folder: Path) -> Iterator[str]:
    """Speak TLS under a certificate of an authority nobody trusts, whose file is in `folder`."""
    with answering(HTTPStatus.NOT_FOUND, WEB_PAGE, context=issue(folder).server_context()) as address:
        yield address


def answering(
    status: HTTPStatus,
    body: bytes,
    content_type: str = "application/xml",
    context: SSLContext | None = None,
) -> AbstractContextManager[str]:
    """Give the same answer to everything."""

    class Answer(Handler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.reply(status, body, content_type)

    return serving(Answer, context)
