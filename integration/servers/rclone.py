"""`rclone serve s3`: the real S3 server if MinIO can't be built.

It keeps buckets as plain folders. It has no users with policies and no quotas:
a test that needs those needs MinIO.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integration.servers.certificates import issue
from integration.servers.process import running
from integration.servers.s3 import TOOLS, S3Server, generated
from tests.support.ports import LOOPBACK, reserved

BINARY = TOOLS / "rclone"


@contextmanager
def rclone_server(folder: Path, *, tls: bool = False) -> Iterator[S3Server]:
    """Run an rclone that keeps everything in `folder`; with `tls`, under a untrusted certificate."""
    buckets = folder / "buckets"
    buckets.mkdir(parents=True)
    certificate = issue(folder / "certificates") if tls else None
    with reserved() as port:
        server = generated(port, certificate.authority if certificate else None)
        command: list[str | Path] = [BINARY, "serve", "s3", "--addr", f"{LOOPBACK}:{port}", buckets]
        if certificate:
            command += ["--cert", certificate.chain, "--key", certificate.key]
        environment = {
            "RCLONE_AUTH_KEY": f'"{server.access_key},{server.secret_key}"',
            "RCLONE_CONFIG": "",  # the user's own configuration is none of a test's business
            "RCLONE_VFS_CACHE_MODE": "off",
        }
        with running(command, ready=server.responds, log=folder / "rclone.log", environment=environment):
            yield server
