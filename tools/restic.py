"""Fetch restic: from Debian where this is Debian, else from restic's own release page."""

import argparse
import bz2
import hashlib
import platform
import re
import shutil
import tempfile
from pathlib import Path

from tools import debian, go
from tools.install import FetchError, download, exit_with, link, place, run

RELEASES = "https://github.com/restic/restic/releases/download"
OLDEST_USABLE = (0, 18)
NEWEST = "0.19"
SUITES = {NEWEST: "forky", "0.18": "trixie"}
PINNED = {NEWEST: "0.19.1", "0.18": "0.18.0"}
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def version_of(binary: Path) -> tuple[int, int] | None:
    """Return major and minor version of a restic binary; None where it is none that runs."""
    try:
        found = re.match(r"restic (\d+)\.(\d+)", run(binary, "version"))
    except FetchError:
        return None
    return (int(found[1]), int(found[2])) if found else None


def fetch(version: str, target: Path, releases: str) -> None:
    """Make `target` a restic of `version` ("0.19"). Raises FetchError with every way tried."""
    if is_version(target, version):
        return
    with tempfile.TemporaryDirectory(prefix="restic-") as scratch:
        try:
            binary = from_debian(version, Path(scratch))
        except FetchError as no_debian:
            try:
                binary = from_release_page(version, Path(scratch), releases)
            except FetchError as no_release:
                raise FetchError(f"no restic {version}: {no_release} (and from Debian: {no_debian})") from no_release
        place(binary, target)


def fetch_usable(target: Path, releases: str) -> None:
    """Make `target` the restic on the PATH where that is new enough, else fetch the newest."""
    for binary in (target, *map(Path, filter(None, [shutil.which("restic")]))):
        found = version_of(binary)
        if found and found >= OLDEST_USABLE:
            if binary.absolute() != target.absolute():
                link(binary, target)
            return
    fetch(NEWEST, target, releases)


def build(target: Path) -> None:
    """Make `target` the newest restic, with every backend: Debian's is built without Azure. Raises FetchError."""
    go.install("github.com/restic/restic/cmd/restic", f"v{PINNED[NEWEST]}", target)


def is_version(binary: Path, version: str) -> bool:
    """Say whether `binary` is a restic of `version` ("0.19")."""
    return version_of(binary) == tuple(map(int, version.split(".")))


def from_debian(version: str, scratch: Path) -> Path:
    """Unpack Debian's restic. Raises FetchError where its suite has moved on to another."""
    binary = debian.unpack("restic", SUITES[version], scratch) / "usr/bin/restic"
    return checked(binary, version, f"what Debian {SUITES[version]} has")


def from_release_page(version: str, scratch: Path, releases: str) -> Path:
    """Download restic's own build, checked against the SHA256SUMS beside it."""
    name = release_name(version)
    page = f"{releases.rstrip('/')}/v{PINNED[version]}"
    packed = download(f"{page}/{name}", scratch / name).read_bytes()
    sums = download(f"{page}/SHA256SUMS", scratch / "SHA256SUMS").read_text(errors="replace")
    if f"{hashlib.sha256(packed).hexdigest()}  {name}" not in sums.splitlines():
        raise FetchError(f"{page}/{name} doesn't have the checksum of its SHA256SUMS")
    binary = scratch / "restic"
    try:
        binary.write_bytes(bz2.decompress(packed))
    except (OSError, ValueError) as error:
        raise FetchError(f"{page}/{name} isn't bzip2 data: {error}") from error
    binary.chmod(0o755)
    return checked(binary, version, f"{page}/{name}")


def checked(binary: Path, version: str, origin: str) -> Path:
    """Return `binary` where it is a restic of `version`. Raises FetchError naming its origin."""
    if not is_version(binary, version):
        raise FetchError(f"{origin} isn't restic {version} for this machine")
    return binary


def release_name(version: str) -> str:
    """Return the name of restic's own build for this machine."""
    machine = MACHINES.get(platform.machine().lower(), platform.machine())
    return f"restic_{PINNED[version]}_{platform.system().lower()}_{machine}.bz2"


def main() -> None:
    """Read the command line and fetch."""
    parser = argparse.ArgumentParser(prog="tools.restic", description=__doc__)
    parser.add_argument("version", nargs="?", choices=SUITES)
    parser.add_argument("--usable", action="store_true", help="0.18 or newer will do")
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
