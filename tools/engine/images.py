"""The public images that Dockerfile, compose file and tests name, made here where no registry can be had."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools import debian, go, minio, restic
from tools.engine.programs import Programs
from tools.install import FetchError

BASE = "debian:trixie-slim"
SUITE = "trixie"
SLIM = (
    *("path-exclude=/usr/share/doc/*", "path-include=/usr/share/doc/*/copyright"),
    *(f"path-exclude=/usr/share/{place}/*" for place in ("man", "locale", "info")),
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
MINIO_IMAGE = "minio/minio:RELEASE.2025-09-07T16-13-09Z"
"""The last that MinIO's makers published; stands in minio-compose.yaml as well."""


RESTIC_IMAGE = f"restic/restic:{restic.PINNED[restic.NEWEST]}"
"""By restic's makers, with every backend."""


@dataclass(frozen=True)
class Binaries:
    """Where the programs are built that images are made of."""

    minio: Path
    restic: Path
    """With every backend."""


def make(programs: Programs, host: str, folder: Path, binaries: Binaries) -> None:
    """Make all images in the engine at `host`, where it doesn't have them yet. Raises FetchError."""
    tar = folder / "base.tar"
    if not tar.exists():
        bootstrap(programs, tar)
    _build(programs, host, BASE, DEBIAN, {"base.tar": tar, "certificates": OWN_CERTIFICATES})
    _have(binaries.minio, minio.fetch)
    _build(programs, host, MINIO_IMAGE, MINIO, {"minio": binaries.minio})
    _have(binaries.restic, restic.build)
    _build(programs, host, RESTIC_IMAGE, RESTIC, {"restic": binaries.restic})


def _have(binary: Path, fetch: Callable[[Path], None]) -> None:
    """Bring a program up to date, which takes Go; without that, the one that is there will do."""
    if not (go.lacking() and binary.exists()):
        fetch(binary)


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


def check_means(binaries: Binaries) -> None:
    """Raise FetchError, before anything is fetched, where an image can't be made."""
    debian.codename()
    if go.lacking() and not (binaries.minio.exists() and binaries.restic.exists()):
        raise FetchError(f"no MinIO: {go.lacking()}")
