"""A Kubernetes control plane without release files: etcd and kubectl from Debian, the servers built with Go."""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.install import place, run
from tools.offline import debian, go

SUITE = "forky"
PACKAGES = {"etcd": "etcd-server", "kubectl": "kubectl"}
SNAPSHOTTER = "github.com/kubernetes-csi/external-snapshotter/client/v8"


def fetch(names: Sequence[str], binaries: Path, version: str, is_pinned: Callable[[Path], bool]) -> None:
    """Put the programs `names` into the folder `binaries`; servers of `version`. Raises FetchError."""
    missing = [name for name in names if not is_pinned(binaries / name)]
    servers = [name for name in missing if name not in PACKAGES]
    if servers:
        go.require()
    for name in PACKAGES.keys() & set(missing):
        debian.install(PACKAGES[name], SUITE, f"usr/bin/{name}", binaries / name, is_pinned)
    if servers:
        _build(servers, binaries, version)


def _build(names: list[str], binaries: Path, version: str) -> None:
    """Build servers into the folder `binaries`. Raises FetchError if Go cannot.

    Kubernetes names the modules it is divided into without their version (v0.0.0),
    and only in its own tree are they found beside it. Their releases carry the same
    number with another major version, and are put in place of each.
    """
    with tempfile.TemporaryDirectory(prefix="kubernetes-") as scratch:
        folder = Path(scratch)
        (folder / "go.mod").write_text(_module(version))
        flags = f"-s -w -X k8s.io/component-base/version.gitVersion=v{version}"
        command = ("go", "build", "-mod=mod", "-trimpath", "-o", scratch, "-ldflags", flags)
        packages = [f"k8s.io/kubernetes/cmd/{name}" for name in names]
        run(*command, *packages, env={"CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off"}, cwd=folder)
        for name in names:
            place(folder / name, binaries / name)


def _module(version: str) -> str:
    """Return a go.mod that requires Kubernetes, each of its parts in the version released with it."""
    theirs = json.loads(run("go", "mod", "edit", "-json", go.downloaded(f"k8s.io/kubernetes@v{version}")["GoMod"]))
    parts = [replaced["Old"]["Path"] for replaced in theirs["Replace"]]
    release = version.replace("1.", "v0.", 1)
    lines = ["module tools", f"go {theirs['Go']}", f"require k8s.io/kubernetes v{version}"]
    return "\n".join(lines + [f"replace {part} => {part} {release}" for part in parts])


def snapshot_crds(version: str, folder: Path) -> None:
    """Copy the CRDs of volume snapshots into `folder`. Raises FetchError."""
    source = Path(go.downloaded(f"{SNAPSHOTTER}@{version}")["Dir"]) / "config/crd"
    for file in source.glob("snapshot.storage.k8s.io_*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
