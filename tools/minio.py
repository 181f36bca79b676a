"""Build MinIO with Go: its makers publish the source only.

Fails where Go is not installed; `tools.rclone` fetches another real S3 server.
"""

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from tools.install import FetchError, exit_with, place, run

PINNED = "v0.0.0-20260212201848-7aac2a2c5b7c"
"""The Go module proxy and its checksum database vouch for what this version holds."""


def fetch(target: Path) -> None:
    """Make `target` the pinned MinIO. Raises FetchError where it can't be built."""
    if is_pinned(target):
        return
    if not shutil.which("go"):
        raise FetchError("no MinIO: Go is not installed")
    with tempfile.TemporaryDirectory(prefix="minio-") as scratch:
        environment = {"GOBIN": scratch, "CGO_ENABLED": "0"}
        run("go", "install", f"github.com/minio/minio@{PINNED}", env=environment)
        place(Path(scratch) / "minio", target)


def is_pinned(binary: Path) -> bool:
    """Say whether `binary` was built from the pinned version."""
    if not os.access(binary, os.X_OK) or not shutil.which("go"):
        return False
    return PINNED in run("go", "version", "-m", binary)


def main() -> None:
    """Read the command line and fetch."""
    parser = argparse.ArgumentParser(prog="tools.minio", description=__doc__)
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args()
    exit_with(lambda: fetch(chosen.target))


if __name__ == "__main__":
    main()
