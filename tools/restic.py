"""Fetch restic: from its release page, else from Debian's packages (or with Go, if every backend is wanted)."""

import argparse
import re
import shutil
import tempfile
from functools import partial
from pathlib import Path

from tools.install import FetchError, exit_with, first_of, link, output, place
from tools.offline import debian, go
from tools.releases import Release, architecture, system

RELEASES = "https://github.com/restic/restic/releases/download"
OLDEST_USABLE = (0, 18)
NEWEST = "0.19"
PINNED = {NEWEST: "0.19.1", "0.18": "0.18.0"}
BUILD_TAGS = "disable_grpc_modules"
"""As restic's releases are built; Google's storage is reached without gRPC."""
SUITES = {NEWEST: "forky", "0.18": "trixie"}
"""Debian's suites that have each."""


def version_of(binary: Path) -> tuple[int, int] | None:
    """Return major and minor version of a restic binary; None if it is none that runs."""
    match = re.match(r"restic (\d+)\.(\d+)", output(binary, "version"))
    return (int(match[1]), int(match[2])) if match else None


def is_version(version: str, binary: Path) -> bool:
    """Say whether `binary` is a restic of `version` ("0.19")."""
    return version_of(binary) == tuple(map(int, version.split(".")))


def fetch(version: str, target: Path, releases: str = RELEASES) -> None:
    """Make `target` a restic of `version` ("0.19"). Raises FetchError with the reason of each way."""
    if not is_version(version, target):
        first_of(
            f"restic {version}",
            partial(_from_release, version, target, releases),
            partial(debian.install, "restic", SUITES[version], "usr/bin/restic", target, partial(is_version, version)),
        )


def fetch_usable(target: Path, releases: str) -> None:
    """Make `target` the restic on the PATH if that is new enough, else fetch the newest."""
    for binary in (target, *map(Path, filter(None, [shutil.which("restic")]))):
        version = version_of(binary)
        if version and version >= OLDEST_USABLE:
            if binary.absolute() != target.absolute():
                link(binary, target)
            return
    fetch(NEWEST, target, releases)


def fetch_complete(target: Path) -> None:
    """Make `target` the newest restic with every backend: Debian's is built without Azure. Raises FetchError."""
    if not (is_version(NEWEST, target) and go.is_stripped(target)):
        first_of(
            "restic with every backend",
            partial(_from_release, NEWEST, target, RELEASES),
            partial(go.install, "github.com/restic/restic/cmd/restic", f"v{PINNED[NEWEST]}", target, BUILD_TAGS),
        )


def release(version: str, releases: str = RELEASES) -> Release:
    """Return the release of restic's own build for this machine."""
    number = PINNED[version]
    file = f"restic_{number}_{system()}_{architecture()}.bz2"
    return Release(f"{releases.rstrip('/')}/v{number}", file, "SHA256SUMS")


def _from_release(version: str, target: Path, releases: str) -> None:
    origin = release(version, releases)
    with tempfile.TemporaryDirectory(prefix="restic-") as scratch:
        binary = origin.unpack("restic", Path(scratch))
        if not is_version(version, binary):
            raise FetchError(f"{origin.address}: not a restic {version} that runs on this machine")
        place(binary, target)


def main() -> None:
    """Read the command line and fetch."""
    parser = argparse.ArgumentParser(prog="tools.restic", description=__doc__)
    parser.add_argument("version", nargs="?", choices=PINNED)
    parser.add_argument("--usable", action="store_true", help="take the one on the PATH if it is 0.18 or newer")
    parser.add_argument("--releases", default=RELEASES, help="base address of the release page")
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args()
    if chosen.usable == bool(chosen.version):
        parser.error("give either a version or --usable")
    if chosen.usable:
        exit_with(lambda: fetch_usable(chosen.target, chosen.releases))
    else:
        exit_with(lambda: fetch(chosen.version, chosen.target, chosen.releases))


if __name__ == "__main__":
    main()
