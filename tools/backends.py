"""Fetch servers for restic's backends, and the restic that knows them all.

What this machine has no means for is named on stderr, and left out: the tests that
need it say so as well.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tools import debian, go, restic
from tools.install import FetchError, exit_with, place, run, says, where_possible

REST_SERVER = "rest-server 0.14."
"""What the answer to "which version" holds; Debian's suite brings the newest patch of it."""
REST_SUITE = "forky"

OPENSSH = ("openssh-server", "openssh-client", "libwrap0", "libwtmpdb0")
"""Taken from the machine's own release; the libraries are all that sshd wants beyond Debian's essential packages."""

FAKE_GCS_SERVER = "v1.56.1"
AZURITE = Path(__file__).parent / "azurite"
"""What npm installs it from: package.json, and the lock file with the hashes of everything it consists of."""
SWIFT = Path(__file__).parents[1] / "requirements" / "swift.txt"


def fetch(tools: Path) -> None:
    """Put the servers into the folder `tools`. Raises FetchError where the means are there but fail."""
    rest_server = tools / "bin" / "rest-server"
    if REST_SERVER not in says(rest_server, "--version"):
        where_possible(debian.lacking(), "rest-server", lambda: from_debian(rest_server))
    if not (tools / "openssh").is_dir():
        where_possible(debian.lacking(), "sshd", lambda: _whole(tools / "openssh", unpack_openssh))
    if not (tools / "memcached").is_dir():
        where_possible(debian.lacking(), "memcached", lambda: _whole(tools / "memcached", unpack_memcached))
    if not _is_made_from(SWIFT, tools / "swift"):
        where_possible(debian.lacking(), "swift", lambda: install_swift(tools / "swift"))
    if not _is_made_from(AZURITE / "package-lock.json", tools / "azurite"):
        where_possible(_lacks_npm(), "azurite", lambda: _whole(tools / "azurite", install_azurite))
    where_possible(go.lacking(), "fake-gcs-server", lambda: build_fake_gcs_server(tools / "bin" / "fake-gcs-server"))
    where_possible(go.lacking(), "restic with every backend", lambda: restic.build(tools / "complete" / "restic"))


def from_debian(target: Path) -> None:
    """Make `target` Debian's build of restic's REST server."""
    with tempfile.TemporaryDirectory(prefix="rest-server-") as scratch:
        unpacked = debian.unpack("restic-rest-server", REST_SUITE, Path(scratch))
        place(unpacked / "usr/bin/restic-rest-server", target)


def unpack_openssh(folder: Path) -> None:
    """Unpack sshd, ssh and their libraries into `folder`; a release without one of the libraries needs none."""
    for package in OPENSSH:
        try:
            debian.unpack(package, debian.codename(), folder)
        except FetchError:
            if not package.startswith("lib"):
                raise


def unpack_memcached(folder: Path) -> None:
    """Unpack memcached, which Swift keeps its sessions in, and the libraries that this machine lacks for it."""
    debian.unpack_all(["memcached"], folder)


def install_swift(folder: Path) -> None:
    """Make `folder` a virtual environment with OpenStack's object store."""
    shutil.rmtree(folder, ignore_errors=True)
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin" / "pip", "install", "--quiet", "--require-hashes", "-r", SWIFT)
    shutil.copy(SWIFT, folder)


def install_azurite(folder: Path) -> None:
    """Install Azurite, the emulator of Azure's storage by its makers, into `folder`."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(AZURITE / name, folder)
    run("npm", "ci", "--loglevel=error", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", cwd=folder)


def build_fake_gcs_server(target: Path) -> None:
    """Make `target` the emulator of Google's storage."""
    go.install("github.com/fsouza/fake-gcs-server", FAKE_GCS_SERVER, target)


def _lacks_npm() -> str:
    return "" if shutil.which("npm") and shutil.which("node") else "Node.js with npm is not installed"


def _is_made_from(lock: Path, folder: Path) -> bool:
    copy = folder / lock.name
    return copy.is_file() and copy.read_bytes() == lock.read_bytes()


def _whole(target: Path, fill: Callable[[Path], None]) -> None:
    """Make the folder `target` by filling another one: it is there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        folder = Path(scratch) / target.name
        folder.mkdir()
        fill(folder)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and fetch."""
    parser = argparse.ArgumentParser(prog="tools.backends", description=__doc__)
    parser.add_argument("tools", type=Path, help="the folder to put them into")
    chosen = parser.parse_args(arguments)
    exit_with(lambda: fetch(chosen.tools.absolute()))


if __name__ == "__main__":
    main()
