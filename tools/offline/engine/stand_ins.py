"""Stand-ins for the public images that Dockerfile, compose file and tests name, built if there is no registry."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools import image, minio, restic
from tools.install import UnavailableError
from tools.offline import debian, go
from tools.offline.engine.programs import Programs

BASE = "debian:trixie-slim"
SUITE = "trixie"
SLIM = (
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/info/*",
)
"""What makes Debian's slim images slim."""

OWN_CERTIFICATES = Path("/usr/local/share/ca-certificates")
"""Those that the administrator of this machine trusts beside Debian's (update-ca-certificates(8))."""

DEBIAN = f"""\
FROM scratch
ADD base.tar /
COPY certificates/ {OWN_CERTIFICATES}/
RUN update-ca-certificates
CMD ["bash"]
"""
MINIO = f"""\
FROM {BASE}
COPY minio /usr/bin/minio
ENTRYPOINT ["minio"]
EXPOSE 9000
VOLUME /data
"""
RESTIC = """\
FROM scratch
COPY restic /usr/bin/restic
"""
MINIO_IMAGE = f"minio/minio:{minio.RELEASE}"
"""minio-compose.yaml has it as well."""


@dataclass(frozen=True)
class Binaries:
    """The programs that images are made of."""

    minio: Path
    restic: Path
    """With every backend."""


def build(programs: Programs, host: str, folder: Path, binaries: Binaries) -> None:
    """Build all of them in the engine at `host`, if it does not have them yet. Raises FetchError."""
    tar = folder / "base.tar"
    if not tar.exists():
        bootstrap(programs, tar)
    _build(programs, host, BASE, DEBIAN, {"base.tar": tar, "certificates": OWN_CERTIFICATES})
    _update(binaries.minio, minio.fetch)
    _build(programs, host, MINIO_IMAGE, MINIO, {"minio": binaries.minio})
    _update(binaries.restic, restic.fetch_complete)
    restic_image = image.default_restic_image().partition("@")[0]
    _build(programs, host, restic_image, RESTIC, {"restic": binaries.restic})


def _update(binary: Path, fetch: Callable[[Path], None]) -> None:
    """Bring a program up to date; if there are no means for that, the one that is there will do."""
    try:
        fetch(binary)
    except UnavailableError:
        if not binary.exists():
            raise


def bootstrap(programs: Programs, tar: Path) -> None:
    """Make the root file system of a small Debian, from the archive that this machine's own sources name."""
    sources = debian.renamed(debian.sources_of(debian.APT), debian.codename(), SUITE)
    with tempfile.TemporaryDirectory(dir=tar.parent, prefix="base-") as scratch:
        file = Path(scratch) / "machine.sources"
        file.write_text("\n".join(map(debian.stanza, sources)))
        fresh = Path(scratch) / "base.tar"
        options = [f"--dpkgopt={option}" for option in SLIM]
        small = ("--variant=minbase", "--include=ca-certificates")
        programs.run("mmdebstrap", "--quiet", "--mode=root", *small, *options, SUITE, fresh, file)
        fresh.rename(tar)


def _build(programs: Programs, host: str, tag: str, dockerfile: str, content: dict[str, Path]) -> None:
    label = f"made-of={_fingerprint(dockerfile, content)}"
    if programs.run("docker", "images", "--quiet", "--filter", f"label={label}", tag, host=host):
        return
    parent = next(iter(content.values())).parent
    with tempfile.TemporaryDirectory(dir=parent, prefix="context-") as scratch:
        context = Path(scratch)
        (context / "Dockerfile").write_text(dockerfile)
        for name, path in content.items():
            _copy(path, context / name)
        alone = ("--network", "none", "--label", label, "--tag", tag)
        programs.run("docker", "build", "--quiet", *alone, context, host=host)


def _copy(path: Path, target: Path) -> None:
    if path.is_file():
        target.hardlink_to(path)
    elif path.is_dir():
        shutil.copytree(path, target)
    else:
        target.mkdir()


def _fingerprint(dockerfile: str, content: dict[str, Path]) -> str:
    """Return what changes with anything an image is made of; of large files, size and time stand for the content."""
    parts = [dockerfile]
    for path in content.values():
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        parts += [f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files if file.exists()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def require_means(binaries: Binaries) -> None:
    """Raise UnavailableError, before anything is fetched, if an image cannot be built."""
    debian.codename()
    if not (binaries.minio.exists() and binaries.restic.exists()):
        go.require()
