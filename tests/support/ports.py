"""Ports on loopback that nobody else gets while a test uses them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

LOOPBACK = "127.0.0.1"
PROBE_SECONDS = 5.0


def bound() -> socket.socket:
    """Return a socket bound to a free port of loopback, not listening: who connects is refused."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((LOOPBACK, 0))
    return held


def port_of(held: socket.socket) -> int:
    """Return the port a socket is bound to."""
    return int(held.getsockname()[1])


@contextmanager
def reserved() -> Iterator[int]:
    """Hold a free port for a server process to listen on.

    Linux lets another socket with SO_REUSEADDR, as servers set it, listen on a
    port that is bound but not listened on, and hands it to nobody who asks for
    any free port: so two tests never get the same.
    """
    with bound() as held:
        yield port_of(held)


def listening(port: int) -> bool:
    """Say whether somebody listens on a port of loopback."""
    try:
        with socket.create_connection((LOOPBACK, port), PROBE_SECONDS):
            return True
    except OSError:
        return False
