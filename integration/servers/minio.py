"""MinIO, a real S3 server with users and policies."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import minio
from minio.credentials.providers import StaticProvider

from integration.servers.certificates import issue
from integration.servers.process import running
from integration.servers.s3 import TOOLS, S3Server, generated
from tests.support.ports import LOOPBACK, reserved

BINARY = TOOLS / "minio"


@dataclass(frozen=True)
class Minio(S3Server):
    """A MinIO as its root user sees it."""

    @contextmanager
    def administration(self) -> Iterator[minio.MinioAdmin]:
        """Yield a client for users, policies and quotas."""
        address = urlsplit(self.endpoint)
        with self.connections() as connections:
            yield minio.MinioAdmin(
                endpoint=address.netloc,
                credentials=StaticProvider(self.access_key, self.secret_key),
                secure=address.scheme == "https",
                http_client=connections,
            )

    def user(self, bucket: str, actions: Sequence[str]) -> S3Server:
        """Make a user who can do `actions` ("s3:GetObject", ...) with one bucket, and nothing else.

        Without actions, everything is denied.
        """
        name, password = f"limited-{secrets.token_hex(4)}", secrets.token_hex(16)
        with self.administration() as administration:
            administration.user_add(name, password)
            if actions:
                administration.policy_add(name, policy=policy(bucket, actions))
                administration.policy_set(name, user=name)
        return S3Server(self.endpoint, name, password, self.authority)

    def limit(self, bucket: str, size: int) -> None:
        """Set the quota of a bucket, in bytes.

        An object larger than that is refused at once; what objects add up to is
        known to MinIO only after its next scan.
        """
        with self.administration() as administration:
            administration.bucket_quota_set(bucket, size)


def policy(bucket: str, actions: Sequence[str]) -> dict[str, object]:
    """Return an IAM policy that allows `actions` on one bucket and its objects."""
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    allowed = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
    return {"Version": "2012-10-17", "Statement": [allowed]}


@contextmanager
def minio_server(folder: Path, *, tls: bool = False) -> Iterator[Minio]:
    """Run a MinIO that keeps everything in `folder`; with `tls`, under a untrusted certificate."""
    certificates = folder / "certificates"
    authority = issue(certificates).authority if tls else None
    certificates.mkdir(parents=True, exist_ok=True)
    with reserved() as port:
        new = generated(port, authority)
        server = Minio(new.endpoint, new.access_key, new.secret_key, new.authority)
        address = ("--address", f"{LOOPBACK}:{port}")
        command: list[str | Path] = [
            BINARY,
            "server",
            *address,
            "--certs-dir",
            certificates,
            folder / "buckets",
        ]
        environment = {
            "MINIO_ROOT_USER": server.access_key,
            "MINIO_ROOT_PASSWORD": server.secret_key,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",  # else it asks its makers for a newer version
        }
        with running(command, ready=server.responds, log=folder / "minio.log", environment=environment):
            yield server
