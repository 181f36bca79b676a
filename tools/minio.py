"""Fetch MinIO: the last binary that its publisher released, else a newer source, built with Go."""

from functools import partial
from pathlib import Path

from tools.install import first_of, output
from tools.offline import go
from tools.releases import Release, architecture, system

RELEASE = "RELEASE.2025-09-07T16-13-09Z"
"""The last with binaries and an image; minio-compose.yaml has its image as well."""
SOURCE = "v0.0.0-20260212201848-7aac2a2c5b7c"


def fetch(target: Path) -> None:
    """Make `target` a pinned MinIO. Raises FetchError."""
    if not is_pinned(target):
        first_of(
            "MinIO",
            partial(_release().install, "minio", target),
            partial(go.install, "github.com/minio/minio", SOURCE, target),
        )


def is_pinned(binary: Path) -> bool:
    """Say whether `binary` is a MinIO in one of the two versions."""
    return RELEASE in output(binary, "--version") or go.is_built_from(SOURCE, binary)


def _release() -> Release:
    page = f"https://dl.min.io/server/minio/release/{system()}-{architecture()}/archive"
    return Release(page, f"minio.{RELEASE}", f"minio.{RELEASE}.sha256sum")
