"""Fetch a Kubernetes control plane, and the CRDs of volume snapshots that most clusters have beside it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tools.install import FetchError, UnavailableError, fill, first_of, output
from tools.offline import kubernetes as offline
from tools.releases import Release, architecture, download, sha256, system

VERSION = "1.36.3"
ETCD_VERSION = "3.5.30"
SERVERS = ("kube-apiserver", "kube-controller-manager")
"""Of exactly this version. Of the others the newest patch will do."""

VERSION_ARGUMENTS = {"etcd": ("--version",), "kubectl": ("version", "--client")}
VERSIONS = {"etcd": "etcd Version: 3.5.", "kubectl": "Client Version: v1.36."}
"""How the programs' own words on their version begin."""

SNAPSHOTTER_VERSION = "v8.7.0"
SNAPSHOT_CRDS = {
    "volumesnapshotclasses": "75e6565aac2c0f2949ed13ea884bbaa388cb7be576b558b709cf1168e011828d",
    "volumesnapshotcontents": "895a3c1e73b60f06a0deb566dd123d01bdf1b2efc5d5ff5231ff8bbcf42dafc7",
    "volumesnapshots": "b032116e987fb1d7d93cec7d942833adeb9d95c9bdc7e00c10b280c2fe4a6c33",
}
"""SHA-256 of each file, as it is in the Go module of that version."""


def fetch_programs(binaries: Path) -> None:
    """Put etcd, kubectl and Kubernetes' servers into the folder `binaries`. Raises FetchError."""
    missing = [name for name in (*VERSION_ARGUMENTS, *SERVERS) if not is_pinned(binaries / name)]
    if missing:
        first_of(
            " and ".join(missing),
            partial(_from_releases, missing, binaries),
            partial(offline.fetch, missing, binaries, VERSION, is_pinned),
        )


def is_pinned(binary: Path) -> bool:
    """Say whether `binary` is the version wanted."""
    if binary.name in SERVERS:
        return output(binary, "--version").strip() == f"Kubernetes v{VERSION}"
    return output(binary, *VERSION_ARGUMENTS[binary.name]).startswith(VERSIONS[binary.name])


def fetch_snapshot_crds(folder: Path) -> None:
    """Make `folder` one with the CRDs of volume snapshots. Raises FetchError."""
    if not folder.is_dir():
        first_of(
            "volume snapshot CRDs",
            partial(fill, folder, _snapshot_crds_from_repository),
            partial(fill, folder, partial(offline.snapshot_crds, SNAPSHOTTER_VERSION)),
        )


def _from_releases(names: Sequence[str], binaries: Path) -> None:
    if system() != "linux":
        raise UnavailableError(f"Kubernetes has no servers for {system()}")
    for name in names:
        _release(name).install(name, binaries / name)


def _release(name: str) -> Release:
    if name == "etcd":
        page = f"https://github.com/etcd-io/etcd/releases/download/v{ETCD_VERSION}"
        return Release(page, f"etcd-v{ETCD_VERSION}-linux-{architecture()}.tar.gz", "SHA256SUMS")
    return Release(f"https://dl.k8s.io/release/v{VERSION}/bin/linux/{architecture()}", name, f"{name}.sha256")


def _snapshot_crds_from_repository(folder: Path) -> None:
    tag = f"refs/tags/client/{SNAPSHOTTER_VERSION}"
    page = f"https://raw.githubusercontent.com/kubernetes-csi/external-snapshotter/{tag}/client/config/crd"
    for plural, checksum in SNAPSHOT_CRDS.items():
        name = f"snapshot.storage.k8s.io_{plural}.yaml"
        if sha256(download(f"{page}/{name}", folder / name)) != checksum:
            raise FetchError(f"{page}/{name}: checksum differs from the one in tools/kubernetes.py")
