"""A network with MinIO in a container, and a pod to run beside it."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from integration.image.pod import IMAGE, Pod, docker
from integration.servers.minio import Minio
from integration.servers.s3 import S3Server, generated
from tests.support import volumes
from tests.support.mover_process import PASSWORD, wait_until
from tools.engine import MISSING
from tools.offline.engine.stand_ins import MINIO_IMAGE

testcontainers_config.ryuk_disabled = True  # its image needs a registry; contexts remove what they started

RESOLVE_SECONDS = 1
"""How long a container waits for the engine to resolve a name."""


@contextmanager
def minio_container(network: Network, name: str, certificates: Path | None = None, region: str = "") -> Iterator[Minio]:
    """Run MinIO, which pods find by `name`; with `certificates`, a folder, over TLS."""
    wanted = generated(9000, None)
    container = (
        DockerContainer(MINIO_IMAGE)
        .with_command("server /data --certs-dir /certificates")
        .with_env("MINIO_ROOT_USER", wanted.access_key)
        .with_env("MINIO_ROOT_PASSWORD", wanted.secret_key)
        .with_network(network)
        .with_network_aliases(name)
    )
    if region:
        container = container.with_env("MINIO_SITE_REGION", region)
    if certificates:
        container = container.with_volume_mapping(str(certificates), "/certificates", "ro")
    with container:
        address = docker(
            "inspect",
            "--format",
            "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
            str(container.get_wrapped_container().id),
        ).stdout.strip()
        yield Minio(f"http://{address}:9000", wanted.access_key, wanted.secret_key)


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """Fail at once if there is no engine: an image that cannot be tested is a failure, not a skip."""
    if not shutil.which("docker") or docker("version", check=False).returncode:
        pytest.fail(os.environ.get(MISSING, "no Docker engine is running: `make test-image` brings one"), pytrace=False)


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    """A network of the tests' own, in which containers find each other by name."""
    with Network() as own:
        require_names(own.name)
        yield own


def require_names(network: str) -> None:
    """Fail if the engine does not resolve the names of containers: every test would only find that by waiting."""
    options = ("--network", network, "--network-alias", "probe", "--entrypoint", "getent")
    patience = ("--dns-opt", f"timeout:{RESOLVE_SECONDS}", "--dns-opt", "attempts:1")
    if docker("run", "--rm", *options, *patience, IMAGE, "hosts", "probe", check=False).returncode:
        pytest.fail("the Docker engine does not resolve names of containers: does it have iptables?", pytrace=False)


@pytest.fixture(scope="session")
def minio(network: Network) -> Iterator[Minio]:
    with minio_container(network, "minio") as server:
        wait_until(server.responds, "MinIO responds")
        yield server


@pytest.fixture
def bucket() -> str:
    """The name of a bucket that does not exist yet."""
    return f"bucket-{secrets.token_hex(6)}"


def secret(server: S3Server, url: str) -> dict[str, str]:
    """Return what the guide's Secret restic-config holds."""
    keys = {"AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key}
    return {"RESTIC_REPOSITORY": url, "RESTIC_PASSWORD": PASSWORD, **keys}


@pytest.fixture
def cache() -> Iterator[str]:
    """A named volume."""
    name = f"cache-{secrets.token_hex(6)}"
    docker("volume", "create", name)
    yield name
    docker("volume", "rm", "--force", name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose volume every user can read."""
    tmp_path.chmod(0o755)
    volumes.small(tmp_path / "data")
    for path in (tmp_path / "data", *(tmp_path / "data").rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o644)
    for parent in tmp_path.parents[:3]:
        if parent.stat().st_uid == os.geteuid() and "pytest" in parent.name:
            parent.chmod(0o755)
    return tmp_path


@pytest.fixture
def pod(network: Network, minio: Minio, bucket: str, cache: str, folder: Path) -> Pod:
    return Pod(folder, network.name, secret(minio, f"s3:http://minio:9000/{bucket}"), cache)
