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

from integration.image.pod import Pod, docker
from integration.servers.minio import Minio
from integration.servers.s3 import S3Server, generated
from tests import volumes
from tests.mover_process import PASSWORD, wait_until
from tools.engine.__main__ import MISSING
from tools.engine.images import MINIO_IMAGE

testcontainers_config.ryuk_disabled = True  # its image is on no registry here; contexts remove what they started


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
            *("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"),
            str(container.get_wrapped_container().id),
        ).stdout.strip()
        yield Minio(f"http://{address}:9000", wanted.access_key, wanted.secret_key)


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """Fail at once where there is no engine: the image can't be tested, which is no reason to leave that out."""
    if not shutil.which("docker") or docker("version", check=False).returncode:
        pytest.fail(os.environ.get(MISSING, "no Docker engine answers: `make test-image` brings one"), pytrace=False)


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    with Network() as made:
        yield made


@pytest.fixture(scope="session")
def minio(network: Network) -> Iterator[Minio]:
    with minio_container(network, "minio") as server:
        wait_until(server.answers, "MinIO answers")
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
