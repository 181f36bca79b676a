"""restic's REST server, with TLS and a password."""

import base64
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import urllib3

from integration.servers.backend import WRONG, Backend
from integration.servers.certificates import issue
from integration.servers.process import running
from integration.servers.s3 import TOOLS
from tests.support.ports import LOOPBACK, PROBE_SECONDS, reserved

BINARY = TOOLS / "rest-server"
USER = "backup"


@dataclass(frozen=True)
class RestServer:
    """A running REST server, its user and the authority of its certificate."""

    endpoint: str
    authority: Path
    password: str = field(repr=False)

    def backend(self, name: str) -> Backend:
        """Return a repository of this name; its user may see no other's."""
        variables = {
            "RESTIC_REST_USERNAME": USER,
            "RESTIC_REST_PASSWORD": self.password,
            "CUSTOM_CA": str(self.authority),
        }
        wrong = {"RESTIC_REST_PASSWORD": WRONG}
        return Backend(f"rest:{self.endpoint}/{USER}/{name}/", variables, (self.password,), wrong)

    def responds(self) -> bool:
        """Say whether the server refuses strangers by now."""
        with urllib3.PoolManager(timeout=PROBE_SECONDS, retries=False, ca_certs=str(self.authority)) as connections:
            try:
                return connections.request("GET", f"{self.endpoint}/{USER}/").status in {401, 403}
            except urllib3.exceptions.HTTPError:
                return False


@contextmanager
def rest_server(folder: Path) -> Iterator[RestServer]:
    """Run a REST server that keeps everything in `folder`, under a untrusted certificate."""
    certificate, users = issue(folder / "certificates"), folder / "htpasswd"
    with reserved() as port:
        server = RestServer(f"https://{LOOPBACK}:{port}", certificate.authority, secrets.token_hex(16))
        users.write_text(f"{USER}:{_hashed(server.password)}\n")
        command: list[str | Path] = [
            BINARY,
            "--listen",
            f"{LOOPBACK}:{port}",
            "--path",
            folder / "repositories",
            "--private-repos",
            "--htpasswd-file",
            users,
            "--tls",
            "--tls-cert",
            certificate.chain,
            "--tls-key",
            certificate.key,
        ]
        with running(command, ready=server.responds, log=folder / "rest-server.log"):
            yield server


def _hashed(password: str) -> str:
    """Return a password as a line of .htpasswd has it, in the one format that needs no further library."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return "{SHA}" + base64.b64encode(digest).decode()
