"""What a Docker engine consists of, out of Debian's packages, in a folder of its own."""

import os
import shutil
from pathlib import Path

from tools.install import FetchError, fill, run
from tools.offline import debian

WANTED = ("docker.io", "iptables", "mmdebstrap")
WANTED_WHERE_SPLIT_OFF = ("docker-cli",)
"""Later releases have docker's own command in a package of this name."""
COMPOSE_SUITE = "trixie"
"""The first with docker compose as a plugin of docker."""
REQUIRED = ("dockerd", "docker", "containerd", "runc", "iptables", "mmdebstrap")


class Programs:
    """The programs, unpacked in a folder; Debian's dependencies that the machine has already are not in it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder.absolute() / "root"

    def fetch(self) -> None:
        """Unpack them, once. Raises FetchError if this is no Debian machine, or apt cannot get them."""
        if self.root.exists() and not self._missing():
            return
        # Again if the machine had one of them then and has no longer.
        fill(self.root, self._unpack)
        if missing := self._missing():
            raise FetchError(f"neither this machine nor Debian's packages have {' and '.join(missing)}")

    def _missing(self) -> list[str]:
        path = self.environment()["PATH"]
        return [name for name in REQUIRED if not shutil.which(name, path=path)]

    def _unpack(self, folder: Path) -> None:
        debian.unpack_all(WANTED, folder, also=WANTED_WHERE_SPLIT_OFF)
        debian.unpack("docker-compose", COMPOSE_SUITE, folder)
        if (folder / "usr/sbin/iptables-nft").exists():
            _link(folder / "usr/sbin/iptables", "iptables-nft")  # as Debian's alternatives do where it is installed
        _link(folder / "client/cli-plugins", "../usr/libexec/docker/cli-plugins")

    def environment(self) -> dict[str, str]:
        """Return what a process needs in its environment to find them."""
        own = (f"{self.root}/usr/bin", f"{self.root}/usr/sbin")
        return {
            "PATH": os.pathsep.join([*own, os.environ["PATH"], "/usr/sbin"]),
            "DOCKER_CONFIG": str(self.root / "client"),
            **self._folders("LD_LIBRARY_PATH", "usr/lib/*-linux-gnu*"),
            # iptables looks for its extensions where they are installed: those unpacked here need to be named, those
            # of a machine that has iptables must not be hidden. Without them names of containers are not served.
            **self._folders("XTABLES_LIBDIR", "usr/lib/*-linux-gnu*/xtables"),
        }

    def _folders(self, variable: str, pattern: str) -> dict[str, str]:
        """Return the variable with the folders that are there; without any, an empty value would hide the machine's."""
        folders = sorted(map(str, self.root.glob(pattern)))
        return {variable: os.pathsep.join(folders)} if folders else {}

    def path(self, name: str) -> str:
        """Return where a program is. Raises FetchError if it is missing."""
        found = shutil.which(name, path=self.environment()["PATH"])
        if found is None:
            raise FetchError(f"no {name} on this machine, nor among what was unpacked of Debian's packages")
        return found

    def run(self, name: str, *arguments: str | Path, host: str = "") -> str:
        """Run one of them, against the engine at `host`. Raises FetchError with the last line of what went wrong."""
        # The legacy builder is what needs no package beside docker.io.
        environment = self.environment() | {"DOCKER_HOST": host, "DOCKER_BUILDKIT": "0"}
        return run(self.path(name), *arguments, env=environment)


def _link(link: Path, target: str) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)
