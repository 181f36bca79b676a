"""Fetch the programs that the tests run against: `make tools`. One process, so that each host is probed once."""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tools import actionlint, backends, kubernetes, minio, rclone, restic
from tools.install import FetchError, exit_with, where_possible


def fetch(tools: Path, chosen: Sequence[str]) -> None:
    """Put all of them, or those chosen, into the folder `tools`. Raises FetchError if one fails that is needed."""
    for name, get in ways(tools).items():
        if name in chosen or not chosen:
            get()


def ways(tools: Path) -> dict[str, Callable[[], None]]:
    """Return how to fetch what, by name."""
    binaries = tools / "bin"
    return {
        "actionlint": partial(where_possible, partial(actionlint.fetch, binaries / "actionlint")),
        "restic": partial(restic.fetch, restic.NEWEST, binaries / "restic"),
        "restic-0.18": partial(restic.fetch, "0.18", binaries / "restic-0.18"),
        "rclone": partial(rclone.fetch, binaries / "rclone"),
        "minio": partial(_minio, binaries / "minio"),
        "kubernetes": partial(where_possible, partial(kubernetes.fetch_programs, binaries)),
        "snapshot-crds": partial(where_possible, partial(kubernetes.fetch_snapshot_crds, tools / "crds")),
        "backends": partial(backends.fetch, tools),
        "restic-complete": partial(where_possible, partial(restic.fetch_complete, tools / "complete" / "restic")),
    }


def _minio(target: Path) -> None:
    try:
        minio.fetch(target)
    except FetchError as error:
        print(f"{error}; the tests run against rclone's S3 server instead", file=sys.stderr)


def main() -> None:
    """Read the command line and fetch."""
    parser = argparse.ArgumentParser(prog="tools", description=__doc__)
    parser.add_argument("tools", type=Path, help="the folder to put them into")
    parser.add_argument("names", nargs="*", metavar="name", help="what to fetch: all of them without a name")
    given = parser.parse_args()
    if unknown := set(given.names) - ways(given.tools).keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(ways(given.tools))}")
    exit_with(lambda: fetch(given.tools.absolute(), given.names))


if __name__ == "__main__":
    main()
