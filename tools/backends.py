"""Fetch servers for restic's backends: the tests run each backend against a real one."""

import shutil
import sys
from functools import partial
from pathlib import Path

from tools.install import FetchError, UnavailableError, fill, first_of, link, output, run, where_possible
from tools.offline import debian, go
from tools.releases import Release, architecture, system

REST_SERVER_VERSION = "0.14.0"
REST_SERVER = "rest-server 0.14."
"""What it says of its version; Debian's suite has the newest patch of it."""
REST_SERVER_SUITE = "forky"

OPENSSH = ("openssh-server", "openssh-client", "libwrap0", "libwtmpdb0")
"""Of the machine's own release; the libraries are all that sshd needs beyond Debian's essential packages."""

FAKE_GCS_SERVER_VERSION = "1.56.1"
AZURITE = Path(__file__).parent / "azurite"
"""What npm installs it from: package.json, and the lock file with the hashes of everything it consists of."""
SWIFT = Path(__file__).parents[1] / "requirements" / "swift.txt"


def fetch(tools: Path) -> None:
    """Put the servers into the folder `tools`; what this machine has no means for is named on stderr, and left out.

    Raises FetchError if the means are there but fail.
    """
    where_possible(partial(fetch_rest_server, tools / "bin" / "rest-server"))
    where_possible(partial(fetch_openssh, tools / "openssh"))
    where_possible(partial(fetch_swift, tools / "swift", tools / "memcached"))
    where_possible(partial(fetch_azurite, tools / "azurite"))
    where_possible(partial(fetch_fake_gcs_server, tools / "bin" / "fake-gcs-server"))


def fetch_rest_server(target: Path) -> None:
    """Make `target` restic's REST server."""
    if not _is_rest_server(target):
        page = f"https://github.com/restic/rest-server/releases/download/v{REST_SERVER_VERSION}"
        file = f"rest-server_{REST_SERVER_VERSION}_{system()}_{architecture()}.tar.gz"
        package = ("restic-rest-server", REST_SERVER_SUITE, "usr/bin/restic-rest-server")
        first_of(
            "rest-server",
            partial(Release(page, file, "SHA256SUMS").install, "rest-server", target),
            partial(debian.install, *package, target, _is_rest_server),
        )


def _is_rest_server(binary: Path) -> bool:
    return REST_SERVER in output(binary, "--version")


def fetch_openssh(folder: Path) -> None:
    """Make `folder` one with sshd and ssh, which the tests run without the machine's own settings."""
    if not folder.is_dir():
        first_of("sshd", partial(fill, folder, _unpack_openssh))


def _unpack_openssh(folder: Path) -> None:
    for package in OPENSSH:
        try:
            debian.unpack(package, debian.codename(), folder)
        except FetchError:
            if not package.startswith("lib"):  # a release without one of the libraries needs none
                raise


def fetch_swift(folder: Path, memcached: Path) -> None:
    """Make `folder` a virtual environment with OpenStack's object store, `memcached` what it keeps sessions in."""
    if not memcached.is_dir():
        first_of("memcached", partial(fill, memcached, partial(debian.unpack_all, ["memcached"])))
    if not _is_made_from(SWIFT, folder):
        shutil.rmtree(folder, ignore_errors=True)
        run(sys.executable, "-m", "venv", folder)
        run(folder / "bin" / "pip", "install", "--quiet", "--require-hashes", "-r", SWIFT)
        shutil.copy(SWIFT, folder)


def fetch_azurite(folder: Path) -> None:
    """Make `folder` an installation of Azurite, the Azure project's emulator of its storage."""
    if not _is_made_from(AZURITE / "package-lock.json", folder):
        first_of("Azurite", partial(fill, folder, _install_azurite))


def _install_azurite(folder: Path) -> None:
    if not (shutil.which("npm") and shutil.which("node")):
        raise UnavailableError("Node.js with npm is not installed")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(AZURITE / name, folder)
    run("npm", "ci", "--loglevel=error", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", cwd=folder)


def fetch_fake_gcs_server(target: Path) -> None:
    """Make `target` an emulator of Google's storage."""
    version = f"v{FAKE_GCS_SERVER_VERSION}"
    # It does not say its version: the name of the file that `target` links to does.
    released = target.with_name(f"{target.name}-{version}")
    if not (released.exists() or go.is_built_from(version, target)):
        first_of(
            target.name,
            partial(_release_fake_gcs_server, released, target),
            partial(go.install, "github.com/fsouza/fake-gcs-server", version, target),
        )


def _release_fake_gcs_server(released: Path, target: Path) -> None:
    page = f"https://github.com/fsouza/fake-gcs-server/releases/download/v{FAKE_GCS_SERVER_VERSION}"
    file = f"fake-gcs-server_{FAKE_GCS_SERVER_VERSION}_{system().title()}_{architecture()}.tar.gz"
    Release(page, file, "checksums.txt").install(target.name, released)
    link(released, target)


def _is_made_from(lock: Path, folder: Path) -> bool:
    copy = folder / lock.name
    return copy.is_file() and copy.read_bytes() == lock.read_bytes()
