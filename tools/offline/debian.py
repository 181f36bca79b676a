"""Take a program out of a Debian package of another suite, without changing the system.

A private apt folder holds the machine's own sources with the suite renamed, so no mirror is named here, and apt
checks signatures and hashes with the machine's keyring as it always does. No root is needed. See apt.conf(5),
sources.list(5).
"""

import os
import platform
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.install import FetchError, UnavailableError, place, run

APT = Path("/etc/apt")
DPKG_STATUS = Path("/var/lib/dpkg/status")
ROLLING = frozenset({"oldstable", "stable", "testing", "unstable", "sid"})
"""Names a Debian source may use in place of a release's own."""

Source = dict[str, str]
"""One source of packages: deb822 field names in lower case, and their values."""

CONFIG = """\
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::sourcelist "{folder}/suite.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "3";
#clear APT::Update;
#clear DPkg;
"""
"""The hooks are cleared because the machine's own would run on its system folders."""


def codename() -> str:
    """Return the name of the Debian release this machine runs. Raises UnavailableError elsewhere."""
    try:
        system = platform.freedesktop_os_release()
    except OSError as error:
        raise UnavailableError("not a Debian machine") from error
    if system.get("ID") != "debian":
        raise UnavailableError(f"not a Debian machine, but {system.get('ID')}")
    return system.get("VERSION_CODENAME", "sid")


def install(package: str, suite: str, program: str, target: Path, is_wanted: Callable[[Path], bool]) -> None:
    """Make `target` the program (a path in the package) of `suite`, if that is the version wanted.

    Raises FetchError as `unpack` does, and if the suite has moved on to another version.
    """
    with tempfile.TemporaryDirectory(prefix=f"{package}-") as scratch:
        binary = unpack(package, suite, Path(scratch)) / program
        if not is_wanted(binary):
            raise FetchError(f"Debian {suite}: {package} has another version than the one pinned here")
        place(binary, target)


def unpack(package: str, suite: str, into: Path) -> Path:
    """Unpack the newest `package` of `suite` into the folder `into`, and return that.

    Raises FetchError if this is no Debian machine, or apt cannot get the package.
    """
    sources = renamed(sources_of(APT), codename(), suite)
    if not sources:
        raise FetchError(f"no Debian source in {APT} to derive {suite} from")
    with _apt_folder(sources) as (folder, apt):
        run(*apt, "download", package, cwd=folder / "cache")
        (deb,) = (folder / "cache").glob("*.deb")
        run("dpkg", "-x", deb, into)
    return into


def unpack_all(packages: Sequence[str], into: Path, also: Sequence[str] = ()) -> None:
    """Unpack `packages` of this machine's own release, with the dependencies that it lacks.

    Of `also` those that the release has. Raises FetchError as `unpack` does.
    """
    release = codename()
    with _apt_folder(renamed(sources_of(APT), release, release)) as (folder, apt):
        known = [name for name in also if name in run("apt-cache", *apt[2:], "pkgnames", name).split()]
        installed = ("-o", f"Dir::State::status={DPKG_STATUS}")
        run(*apt, *installed, "install", "--download-only", "--no-install-recommends", "-y", *packages, *known)
        for deb in (folder / "cache/archives").glob("*.deb"):
            run("dpkg", "-x", deb, into)


@contextmanager
def _apt_folder(sources: list[Source]) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield a private folder of apt's that knows the packages of `sources`, and how to call apt-get on it."""
    # Readable by apt's own unprivileged user, which downloads for root.
    with tempfile.TemporaryDirectory(prefix="apt-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        apt = ("apt-get", "-qq", "-c", private_folder(folder, sources))
        run(*apt, "update")
        yield folder, apt


def private_folder(folder: Path, sources: list[Source]) -> str:
    """Lay out apt's folders in `folder`, and return the path of their configuration."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "suite.sources").write_text("\n".join(map(stanza, sources)))
    config = folder / "apt.conf"
    config.write_text(CONFIG.format(folder=folder))
    return str(config)


def renamed(sources: list[Source], release: str, suite: str) -> list[Source]:
    """Return the sources of Debian's main archive of `release`, with `suite` in its place.

    Only the package index is fetched. A dated mirror's index is past its validity, so that is not checked; its
    signature is.
    """
    return [
        {
            **source,
            "types": "deb",
            "suites": suite,
            "components": "main",
            "targets": "Packages",
            "check-valid-until": "no",
        }
        for source in sources
        if "deb" in source.get("types", "").split()
        and source.get("enabled", "yes") != "no"
        and "main" in source.get("components", "").split()
        and ({release} | ROLLING) & set(source.get("suites", "").split())
    ]


def sources_of(apt: Path) -> list[Source]:
    """Read every source in apt's folder, in either of the two formats."""
    parts = sorted((apt / "sources.list.d").glob("*"))
    return [
        source
        for file in [apt / "sources.list", *parts]
        if file.is_file() and os.access(file, os.R_OK)
        for source in _sources_in(file)
    ]


def _sources_in(file: Path) -> Iterator[Source]:
    text = file.read_text(errors="replace")
    if file.suffix == ".list":
        yield from one_line_sources(text)
    elif file.suffix == ".sources":
        yield from deb822_sources(text)


def one_line_sources(text: str) -> Iterator[Source]:
    """Read lines such as `deb [signed-by=/key.gpg] http://mirror/debian bookworm main`."""
    names = {"arch": "architectures", "lang": "languages", "target": "targets"}
    for line in text.splitlines():
        match = re.match(r"(deb\S*)\s+(?:\[([^]]*)\]\s*)?(\S+)\s+(\S+)\s*([^#]*)", line.strip())
        if match:
            kind, options, uri, suite, components = match.groups()
            source = {"types": kind, "uris": uri, "suites": suite, "components": components}
            for option in (options or "").split():
                name, _, value = option.partition("=")
                source[names.get(name, name.rstrip("+-"))] = value.replace(",", " ")
            yield source


def deb822_sources(text: str) -> Iterator[Source]:
    """Read stanzas of `Field: value` lines; a value goes on in the lines indented below it."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for block in re.split(r"\n\s*\n", "\n".join(lines)):
        fields = re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)", block, re.MULTILINE)
        if fields:
            yield {name.lower(): value.rstrip() for name, value in fields}


def stanza(source: Source) -> str:
    """Write one source in deb822 format."""
    return "".join(f"{name.title()}: {value}\n" for name, value in source.items())
