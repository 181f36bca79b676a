"""A TCP relay in front of a real server, which can be cut, held and slowed down.

Tests wait for bytes to have gone through it, so none needs to sleep.
"""

import enum
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

from tests.support.ports import LOOPBACK, bound, port_of

CHUNK = 64 * 1024
CONNECT_SECONDS = 5.0
JOIN_SECONDS = 10.0


class Mode(enum.Enum):
    """What a relay does with connections and their bytes."""

    PASS = "pass"
    HANG = "hang"
    REFUSE = "refuse"


class Relay:
    """Stands in front of the server at `target`, an address such as "http://127.0.0.1:9000".

    Refuses connections until `let_pass()`, and from `refuse()` on; its port stays its own.
    """

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self._target = (address.hostname, address.port)
        self._reserved = bound()
        self._listener: socket.socket | None = None
        self._pace = _Pace()
        self._connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.endpoint = f"{address.scheme}://{LOOPBACK}:{port_of(self._reserved)}"

    @property
    def passed(self) -> int:
        """Bytes that went through so far, both ways together."""
        return self._pace.passed

    def let_pass(self) -> None:
        """Relay; bytes that were held go on."""
        self._pace.set(Mode.PASS)
        self._listen()

    def hang(self) -> None:
        """Accept connections and hold every byte, of the open connections too."""
        self._pace.set(Mode.HANG)
        self._listen()

    def refuse(self) -> None:
        """Refuse new connections and cut the open ones."""
        self._pace.set(Mode.REFUSE)
        if self._listener:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            self._listener.close()
            self._listener = None
        for connection in self._connections.copy():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def throttle(self, bytes_per_second: float | None) -> None:
        """Limit what goes through, both ways and all connections together; None: no limit."""
        self._pace.limit(bytes_per_second)

    def wait_until_passed(self, total: int, *, within: float = 60.0) -> None:
        """Return once `total` bytes have gone through. Raises TimeoutError after `within` seconds."""
        self._pace.wait_until_passed(total, within)

    def close(self) -> None:
        """Cut everything, give the port back, and wait for the threads to end."""
        self.refuse()
        self._reserved.close()
        for thread in self._threads.copy():
            thread.join(JOIN_SECONDS)

    def _listen(self) -> None:
        if not self._listener:
            self._listener = socket.create_server(self._reserved.getsockname(), backlog=128)
            self._start(threading.Thread(target=self._accept, args=[self._listener]))

    def _start(self, thread: threading.Thread) -> None:
        thread.daemon = True
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self._start(threading.Thread(target=self._serve, args=[client]))

    def _serve(self, client: socket.socket) -> None:
        with ExitStack() as ends, suppress(OSError):
            ends.enter_context(client)
            server = ends.enter_context(socket.create_connection(self._target, CONNECT_SECONDS))
            for end in (client, server):
                end.settimeout(None)
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connections.add(end)
                ends.callback(self._connections.discard, end)
            while not self._pace.is_cut and self._forward(client, server):
                pass

    def _forward(self, client: socket.socket, server: socket.socket) -> bool:
        """Carry what has come in one step further; False once either end is gone."""
        readable, _, _ = select.select([client, server], [], [])
        for source in readable:
            chunk = source.recv(CHUNK)
            if not chunk or not self._pace.admits(len(chunk)):
                return False
            (server if source is client else client).sendall(chunk)
            self._pace.count(len(chunk))
        return True


class _Pace:
    """Decides when bytes may go through, and counts those that have."""

    def __init__(self) -> None:
        self.passed = 0
        self._changed = threading.Condition()
        self._mode = Mode.REFUSE
        self._bytes_per_second: float | None = None
        self._free_at = 0.0

    @property
    def is_cut(self) -> bool:
        return self._mode is Mode.REFUSE

    def set(self, mode: Mode) -> None:
        with self._changed:
            self._mode = mode
            self._changed.notify_all()

    def limit(self, bytes_per_second: float | None) -> None:
        with self._changed:
            self._bytes_per_second = bytes_per_second
            self._free_at = time.monotonic()
            self._changed.notify_all()

    def count(self, size: int) -> None:
        with self._changed:
            self.passed += size
            self._changed.notify_all()

    def wait_until_passed(self, total: int, within: float) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self.passed >= total, within):
                raise TimeoutError(f"{self.passed} bytes went through in {within:g} s, not {total}")

    def admits(self, size: int) -> bool:
        """Wait for this chunk's turn; False if the relay was cut meanwhile."""
        with self._changed:
            turn = self._turn(size)
            while not self.is_cut:
                left = turn - time.monotonic() if self._bytes_per_second else 0.0
                if self._mode is Mode.PASS and left <= 0:
                    return True
                self._changed.wait(left if left > 0 else None)
            return False

    def _turn(self, size: int) -> float:
        """Return when a chunk may go: once those before it and itself fit the limit."""
        if self._bytes_per_second:
            self._free_at = max(self._free_at, time.monotonic()) + size / self._bytes_per_second
        return self._free_at


@contextmanager
def relay(target: str) -> Iterator[Relay]:
    """Run a relay that lets everything pass, until one of its methods says otherwise."""
    running = Relay(target)
    try:
        running.let_pass()
        yield running
    finally:
        running.close()
