"""What a Docker engine consists of, out of Debian's packages, in a folder of its own."""

import os
import shutil
import tempfile
from pathlib import Path

from tools import debian
from tools.install import FetchError, run

WANTED = ("docker.io", "iptables", "mmdebstrap")
WANTED_WHERE_SPLIT_OFF = ("docker-cli",)
"""Later releases have docker's own command in a package of this name."""
COMPOSE_SUITE = "trixie"
"""The first with docker compose as a plugin of docker."""


class Programs:
    """The programs, unpacked in a folder; Debian's dependencies that the machine has already are not in it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder.absolute() / "root"

    def fetch(self) -> None:
        """Unpack them, once. Raises FetchError where this is no Debian machine, or apt can't get them."""
        if self.root.exists():
            return
        self.root.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.root.parent, prefix="root-") as scratch:
            fresh = Path(scratch) / "root"
            fresh.mkdir()
            debian.unpack_all(WANTED, fresh, also=WANTED_WHERE_SPLIT_OFF)
            debian.unpack("docker-compose", COMPOSE_SUITE, fresh)
            _link(fresh / "usr/sbin/iptables", "iptables-nft")  # as Debian's alternatives do where it is installed
            _link(fresh / "client/cli-plugins", "../usr/libexec/docker/cli-plugins")
            fresh.rename(self.root)

    def environment(self) -> dict[str, str]:
        """Return what a process needs in its environment to find them."""
        return {
            "PATH": os.pathsep.join([f"{self.root}/usr/bin", f"{self.root}/usr/sbin", os.environ["PATH"], "/usr/sbin"]),
            "LD_LIBRARY_PATH": os.pathsep.join(map(str, self.root.glob("usr/lib/*-linux-gnu*"))),
            # Else iptables looks for its extensions where they are installed, and names of containers are not served.
            "XTABLES_LIBDIR": os.pathsep.join(map(str, self.root.glob("usr/lib/*-linux-gnu*/xtables"))),
            "DOCKER_CONFIG": str(self.root / "client"),
        }

    def path(self, name: str) -> str:
        """Return where a program is. Raises FetchError where it is missing."""
        found = shutil.which(name, path=self.environment()["PATH"])
        if found is None:
            raise FetchError(f"no {name} on this machine, nor in what was unpacked of Debian's packages")
        return found

    def run(self, name: str, *arguments: str | Path, host: str = "") -> str:
        """Run one of them, against the engine at `host`. Raises FetchError with the last line of what went wrong."""
        # The legacy builder is what needs no package beside docker.io.
        environment = self.environment() | {"DOCKER_HOST": host, "DOCKER_BUILDKIT": "0"}
        return run(self.path(name), *arguments, env=environment)


def _link(link: Path, target: str) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)
