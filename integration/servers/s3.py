"""What every S3 server under test has in common, and the door to the best one this machine has."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import minio
import urllib3

from tests.support.ports import PROBE_SECONDS

REGION = "us-east-1"
TOOLS = Path(__file__).parents[2] / ".tools" / "bin"


@dataclass(frozen=True)
class S3Server:
    """A running S3 server and the credentials of one user of it."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    authority: Path | None = None
    """PEM file of the authority to trust, if the server speaks TLS."""

    def repository(self, bucket: str, prefix: str = "") -> str:
        """Return a bucket, or a prefix in it, as restic addresses it."""
        return f"s3:{self.endpoint}/{bucket}/{prefix}".rstrip("/")

    def environment(self) -> dict[str, str]:
        """Return the credentials as restic takes them from the environment."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": REGION,
        }

    def at(self, endpoint: str) -> "S3Server":
        """Return the same server as seen through a proxy or relay at `endpoint`."""
        return replace(self, endpoint=endpoint)

    def connections(self) -> urllib3.PoolManager:
        """Return an HTTP client that trusts this server and doesn't try again."""
        return urllib3.PoolManager(
            timeout=PROBE_SECONDS,
            retries=False,
            cert_reqs="CERT_REQUIRED",
            ca_certs=str(self.authority) if self.authority else None,
        )

    @contextmanager
    def client(self) -> Iterator[minio.Minio]:
        """Yield an S3 client that acts as this user; its connections end with the block."""
        address = urlsplit(self.endpoint)
        with self.connections() as connections:
            yield minio.Minio(
                address.netloc,
                self.access_key,
                self.secret_key,
                secure=address.scheme == "https",
                region=REGION,
                http_client=connections,
            )

    def make_bucket(self, name: str) -> None:
        """Make a bucket."""
        with self.client() as client:
            client.make_bucket(name)

    def objects(self, bucket: str, prefix: str = "") -> list[str]:
        """Return the names of all objects in a bucket below a prefix."""
        with self.client() as client:
            found = client.list_objects(bucket, prefix, recursive=True)
            return [name for item in found if (name := item.object_name)]

    def responds(self) -> bool:
        """Say whether the server serves signed requests by now."""
        try:
            with self.client() as client:
                client.list_buckets()
        except (OSError, urllib3.exceptions.HTTPError, minio.error.MinioException):
            return False
        return True


def generated(port: int, authority: Path | None) -> S3Server:
    """Return a server to be started at `port`, with a new user and password."""
    scheme = "https" if authority else "http"
    return S3Server(
        endpoint=f"{scheme}://127.0.0.1:{port}",
        access_key=f"user-{secrets.token_hex(4)}",
        secret_key=secrets.token_hex(16),
        authority=authority,
    )
