"""Fetch servers for restic's backends from Debian: restic's REST server, and sshd.

What this machine has no means for is named on stderr, and left out: the tests that
need it say so as well.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tools import debian
from tools.install import FetchError, exit_with, place, run

REST_SERVER = "rest-server 0.14."
"""What the answer to "which version" holds; Debian's suite brings the newest patch of it."""
REST_SUITE = "forky"

OPENSSH = ("openssh-server", "openssh-client", "libwrap0", "libwtmpdb0")
"""Taken from the machine's own release; the libraries are all that sshd wants beyond Debian's essential packages."""


def fetch(tools: Path) -> None:
    """Put the servers into the folder `tools`. Raises FetchError where the means are there but fail."""
    rest_server = tools / "bin" / "rest-server"
    openssh = tools / "openssh"
    if REST_SERVER not in _says(rest_server, "--version"):
        _where_possible("rest-server", _lacks_debian(), lambda: from_debian(rest_server))
    if not openssh.is_dir():
        _where_possible("sshd", _lacks_debian(), lambda: _whole(openssh, unpack_openssh))


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


def _whole(target: Path, fill: Callable[[Path], None]) -> None:
    """Make the folder `target` by filling another one: it is there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        folder = Path(scratch) / target.name
        folder.mkdir()
        fill(folder)
        folder.rename(target)


def _where_possible(what: str, lacking: str, get: Callable[[], None]) -> None:
    if lacking:
        print(f"no {what}: {lacking}", file=sys.stderr)
    else:
        get()


def _lacks_debian() -> str:
    try:
        debian.codename()
    except FetchError as error:
        return str(error)
    return ""


def _says(binary: Path, *question: str) -> str:
    try:
        return run(binary, *question)
    except FetchError:
        return ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and fetch."""
    parser = argparse.ArgumentParser(prog="tools.backends", description=__doc__)
    parser.add_argument("tools", type=Path, help="the folder to put them into")
    chosen = parser.parse_args(arguments)
    exit_with(lambda: fetch(chosen.tools))


if __name__ == "__main__":
    main()
