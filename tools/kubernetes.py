"""Fetch a Kubernetes control plane: etcd and kubectl from Debian, the rest built with Go.

Kubernetes' makers publish its servers as container images and as source; the
source is a Go module. Also fetched: the CRDs of volume snapshots, which every
cluster with snapshots has, but which are no part of Kubernetes.
"""

import argparse
import json
import tempfile
from functools import partial
from pathlib import Path

from tools import debian, go
from tools.install import FetchError, exit_with, place, run, says, where_possible

VERSION = "1.36.3"
"""Of the servers. The Go module proxy and its checksum database vouch for what this version holds."""
SERVERS = ("kube-apiserver", "kube-controller-manager")
SNAPSHOTTER = "github.com/kubernetes-csi/external-snapshotter/client/v8@v8.7.0"
SUITE = "forky"
PACKAGES = {"etcd": "etcd-server", "kubectl": "kubectl"}
PINNED = {"etcd": "etcd Version: 3.5.", "kubectl": "Client Version: v1.36."}
"""How the answer to "which version" begins; Debian's suite brings the newest patch of it."""
ASK = {"etcd": ("--version",), "kubectl": ("version", "--client")}


def fetch(binaries: Path, crds: Path) -> None:
    """Put the programs into the folder `binaries` and the snapshots' CRDs into `crds`.

    What this machine has no means for is named on stderr, and left out. Raises
    FetchError where the means are there but fail.
    """
    for package in PACKAGES:
        if not is_pinned(binaries / package):
            where_possible(debian.lacking(), package, partial(from_debian, package, binaries / package))
    missing = [name for name in SERVERS if not is_server(binaries / name)]
    if missing:
        where_possible(go.lacking(), " and ".join(missing), lambda: build(missing, binaries))
    if not crds.is_dir():
        where_possible(go.lacking(), "volume snapshot CRDs", lambda: snapshot_crds(crds))


def is_pinned(binary: Path) -> bool:
    """Say whether `binary` is the etcd or kubectl wanted."""
    return says(binary, *ASK[binary.name]).startswith(PINNED[binary.name])


def is_server(binary: Path) -> bool:
    """Say whether `binary` is a server of the pinned version."""
    return says(binary, "--version").strip() == f"Kubernetes v{VERSION}"


def from_debian(name: str, target: Path) -> None:
    """Make `target` Debian's etcd or kubectl. Raises FetchError where its suite has moved on."""
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as scratch:
        binary = debian.unpack(PACKAGES[name], SUITE, Path(scratch)) / "usr/bin" / name
        if not is_pinned(binary):
            raise FetchError(
                f"Debian {SUITE} has another {name} than '{PINNED[name]}'; pin that in tools/kubernetes.py"
            )
        place(binary, target)


def build(names: list[str], binaries: Path) -> None:
    """Build servers into the folder `binaries`. Raises FetchError where Go can't.

    Kubernetes names the modules it is divided into without their version (v0.0.0),
    and only in its own tree are they found beside it. Their releases carry the same
    number with another major version, and are put in place of each.
    """
    with tempfile.TemporaryDirectory(prefix="kubernetes-") as scratch:
        folder = Path(scratch)
        (folder / "go.mod").write_text(_module(f"k8s.io/kubernetes@v{VERSION}"))
        run(
            *("go", "build", "-mod=mod", "-trimpath", "-o", scratch),
            *("-ldflags", f"-s -w -X k8s.io/component-base/version.gitVersion=v{VERSION}"),
            *(f"k8s.io/kubernetes/cmd/{name}" for name in names),
            env={"CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off"},
            cwd=folder,
        )
        for name in names:
            place(folder / name, binaries / name)


def _module(kubernetes: str) -> str:
    """Return a go.mod that requires Kubernetes, each of its parts in the version released with it."""
    theirs = json.loads(run("go", "mod", "edit", "-json", go.downloaded(kubernetes)["GoMod"]))
    parts = [replaced["Old"]["Path"] for replaced in theirs["Replace"]]
    release = VERSION.replace("1.", "v0.", 1)
    lines = ["module tools", f"go {theirs['Go']}", f"require {kubernetes.replace('@', ' ')}"]
    return "\n".join(lines + [f"replace {part} => {part} {release}" for part in parts])


def snapshot_crds(target: Path) -> None:
    """Make `target` a folder with the CRDs of volume snapshots."""
    source = Path(go.downloaded(SNAPSHOTTER)["Dir"]) / "config/crd"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        fresh = Path(scratch) / target.name
        fresh.mkdir()
        for file in source.glob("snapshot.storage.k8s.io_*.yaml"):
            (fresh / file.name).write_bytes(file.read_bytes())
        fresh.rename(target)


def main() -> None:
    """Read the command line and fetch."""
    parser = argparse.ArgumentParser(prog="tools.kubernetes", description=__doc__)
    parser.add_argument("binaries", type=Path, help="folder for the programs")
    parser.add_argument("crds", type=Path, help="folder for the CRDs of volume snapshots")
    chosen = parser.parse_args()
    exit_with(lambda: fetch(chosen.binaries, chosen.crds))


if __name__ == "__main__":
    main()
