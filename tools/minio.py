"""Build MinIO with Go: its makers publish the source only.

Fails where Go is not installed; `tools.rclone` fetches another real S3 server.
"""

import argparse
from pathlib import Path

from tools import go
from tools.install import exit_with

PINNED = "v0.0.0-20260212201848-7aac2a2c5b7c"


def fetch(target: Path) -> None:
    """Make `target` the pinned MinIO. Raises FetchError where it can't be built."""
    go.install("github.com/minio/minio", PINNED, target)


def main() -> None:
    """Read the command line and fetch."""
    parser = argparse.ArgumentParser(prog="tools.minio", description=__doc__)
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args()
    exit_with(lambda: fetch(chosen.target))


if __name__ == "__main__":
    main()
