"""Azurite, the emulator of Azure's Blob storage by its makers, under a name and a certificate as restic wants them."""

import base64
import secrets
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from integration.servers.backend import Backend
from integration.servers.certificates import issue
from integration.servers.covered import covering
from integration.servers.process import running
from integration.servers.s3 import TOOLS
from tests.support.ports import LOOPBACK, listening, reserved

BINARY = TOOLS.parent / "azurite" / "node_modules" / ".bin" / "azurite-blob"
RESTIC = TOOLS.parent / "complete" / "restic"
"""Debian's is built without Azure."""

ACCOUNT = "backups"
HOST = f"{ACCOUNT}.blob.localhost"
"""restic asks for ACCOUNT.blob.SUFFIX, over TLS."""

WITH_A_TIER = """\
#!/bin/sh
# Azurite refuses the empty x-ms-access-tier header that restic sends unless a tier is set; Azure takes it for none.
exec {restic} -o azure.access-tier=Hot "$@"
"""


@dataclass(frozen=True)
class AzureServer:
    """A running Azurite, and the key of its account."""

    folder: Path
    port: int
    authority: Path
    key: str = field(repr=False)

    def backend(self, name: str) -> Backend:
        """Return a repository in a container of this name."""
        other = a_key()
        return Backend(
            f"azure:{name}:/prefix",
            self.variables,
            (self.key,),
            {"AZURE_ACCOUNT_KEY": other},
            wrong_secret=other,
            launcher=covering({"/etc/hosts": self.hosts}),
            search_path=self.restic.parent,
        )

    def through_rclone(self, name: str) -> Backend:
        """Return the same, as rclone reaches it."""
        other = a_key()
        remote = {"TYPE": "azureblob", "ACCOUNT": ACCOUNT, "KEY": self.key, "ENDPOINT": f"https://{HOST}:{self.port}"}
        variables = {f"RCLONE_CONFIG_BLOB_{option}": value for option, value in remote.items()}
        return Backend(
            f"rclone:blob:{name}",
            {**variables, "CUSTOM_CA": str(self.authority)},
            (self.key,),
            {"RCLONE_CONFIG_BLOB_KEY": other},
            wrong_secret=other,
            launcher=covering({"/etc/hosts": self.hosts}),
        )

    @property
    def variables(self) -> dict[str, str]:
        """What restic wants in its environment."""
        return {
            "AZURE_ACCOUNT_NAME": ACCOUNT,
            "AZURE_ACCOUNT_KEY": self.key,
            "AZURE_ENDPOINT_SUFFIX": f"localhost:{self.port}",
            "CUSTOM_CA": str(self.authority),
        }

    @property
    def hosts(self) -> Path:
        """An /etc/hosts that knows the server."""
        return self.folder / "hosts"

    @property
    def restic(self) -> Path:
        """The restic that Azurite understands."""
        return self.folder / "bin" / "restic"


def is_there() -> bool:
    """Say whether Azurite could be run here, and a restic that speaks to it."""
    return BINARY.exists() and RESTIC.exists()


def a_key() -> str:
    """Return a new account key, as Azure writes them."""
    return base64.b64encode(secrets.token_bytes(64)).decode()


@contextmanager
def azure_server(folder: Path) -> Iterator[AzureServer]:
    """Run an Azurite that keeps everything in `folder`."""
    certificate = issue(folder / "certificates", HOST)
    with reserved() as port:
        server = AzureServer(folder, port, certificate.authority, a_key())
        server.hosts.write_text(f"{LOOPBACK} localhost {HOST}\n")
        server.restic.parent.mkdir()
        server.restic.write_text(WITH_A_TIER.format(restic=shlex.quote(str(RESTIC))))
        server.restic.chmod(0o755)
        command: list[str | Path] = [
            BINARY,
            "--blobHost",
            LOOPBACK,
            "--blobPort",
            str(port),
            "--location",
            folder / "containers",
            "--cert",
            certificate.chain,
            "--key",
            certificate.key,
            "--disableTelemetry",
            "--skipApiVersionCheck",
        ]
        accounts = {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{server.key}"}
        with running(command, ready=lambda: listening(port), log=folder / "azurite.log", environment=accounts):
            yield server
