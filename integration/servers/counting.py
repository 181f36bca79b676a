"""A reverse proxy in front of an S3 server that counts requests and bytes.

It forwards the client's Host header as it is: the client signed it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BufferedIOBase
from urllib.parse import parse_qs, urlsplit

from integration.servers.http import Handler, serving

CHUNK = 256 * 1024
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "expect"})
"""Headers of one connection only, RFC 9110 section 7.6.1; `expect` was met by us already."""


@dataclass(frozen=True)
class Request:
    """One request that went through."""

    method: str
    path: str
    kind: str
    """The method, or what S3 calls it: LOCATION, LIST, LIST_BUCKETS, DELETE_MANY, MULTIPART."""
    status: int
    sent: int
    """Bytes of the request's body."""
    received: int
    """Bytes of the response's body."""


@dataclass
class Traffic:
    """What went through a proxy at `endpoint`."""

    endpoint: str = ""
    requests: list[Request] = field(default_factory=list)

    @property
    def kinds(self) -> Counter[str]:
        """How many requests there were of each kind."""
        return Counter(request.kind for request in self.requests)

    @property
    def methods(self) -> Counter[str]:
        """How many requests there were of each HTTP method."""
        return Counter(request.method for request in self.requests)

    @property
    def sent(self) -> int:
        """Bytes of all requests' bodies."""
        return sum(request.sent for request in self.requests)

    @property
    def received(self) -> int:
        """Bytes of all responses' bodies."""
        return sum(request.received for request in self.requests)

    def forget(self) -> None:
        """Start counting again."""
        self.requests.clear()


def kind_of(method: str, target: str) -> str:
    """Return what S3 calls a request to `target`, a path with its query."""
    address = urlsplit(target)
    query = parse_qs(address.query, keep_blank_values=True)
    is_object = "/" in address.path.strip("/")
    if {"uploads", "uploadId"} & query.keys():
        return "MULTIPART"
    if method == "POST" and "delete" in query:
        return "DELETE_MANY"
    if method == "GET" and "location" in query:
        return "LOCATION"
    if method == "GET" and not is_object:
        return "LIST" if address.path.strip("/") else "LIST_BUCKETS"
    return method


@contextmanager
def counting(target: str) -> Iterator[Traffic]:
    """Run a proxy in front of the server at `target`, a plain http address."""
    upstream = urlsplit(target).netloc
    traffic = Traffic()

    class Counting(Proxy):
        def setup(self) -> None:
            super().setup()
            self.upstream = HTTPConnection(upstream)
            self.traffic = traffic

    with serving(Counting) as traffic.endpoint:
        yield traffic


class Proxy(Handler):
    """Serves one client connection over one connection to the server."""

    upstream: HTTPConnection
    traffic: Traffic

    def finish(self) -> None:
        with closing(self.upstream):
            super().finish()

    def handle_one_request(self) -> None:
        """Forward one request; an end that goes away ends the connection, as without a proxy."""
        try:
            super().handle_one_request()
        except (OSError, HTTPException):
            self.close_connection = True

    def respond(self) -> None:
        """Pass a request on and its response back, and count it.

        The last bytes are sent after that: a client that has the whole response finds it counted.
        """
        sent = self._send()
        response = self.upstream.getresponse()
        received, last = self._pass_back(response)
        kind = kind_of(self.command, self.path)
        self.traffic.requests.append(Request(self.command, self.path, kind, response.status, sent, received))
        self.wfile.write(last)
        self.wfile.flush()

    def _send(self) -> int:
        self.upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in HOP_BY_HOP:
                self.upstream.putheader(name, value)
        self.upstream.endheaders()
        return _copy(self.rfile, self.upstream, int(self.headers.get("Content-Length", 0)))

    def _pass_back(self, response: HTTPResponse) -> tuple[int, bytes]:
        """Pass back all but the last bytes; return the size of the body, and those."""
        is_chunked = response.length is None and self.command != "HEAD"
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        received, last = 0, b""
        while chunk := response.read(CHUNK):
            self.wfile.write(last)
            received += len(chunk)
            last = b"%x\r\n%b\r\n" % (len(chunk), chunk) if is_chunked else chunk
        return received, last + b"0\r\n\r\n" if is_chunked else last


def _copy(source: BufferedIOBase, upstream: HTTPConnection, size: int) -> int:
    left = size
    while left and (chunk := source.read(min(left, CHUNK))):
        upstream.send(chunk)
        left -= len(chunk)
    if left:
        raise ConnectionError("the client went away in the middle of its request")
    return size
