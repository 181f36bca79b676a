"""Certificates no machine trusts: of an authority made for one test."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.support.ports import LOOPBACK


@dataclass(frozen=True)
class Certificate:
    """Files in PEM format: the authority to trust, and the server's chain and key."""

    authority: Path
    chain: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """Return what a Python server needs to speak TLS with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


def issue(folder: Path, *names: str) -> Certificate:
    """Make an authority and a certificate for loopback and further names; files as MinIO wants them named."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificate(folder / "authority.pem", folder / "public.crt", folder / "private.key")
    authority = trustme.CA()
    server = authority.issue_cert(LOOPBACK, "localhost", *names)
    authority.cert_pem.write_to_path(str(made.authority))
    server.private_key_pem.write_to_path(str(made.key))
    for pem in server.cert_chain_pems:
        pem.write_to_path(str(made.chain), append=True)
    return made
