"""Build programs with Go: its checksum database vouches for what a pinned version of a module holds."""

import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from tools.install import UnavailableError, output, place, run


def require() -> None:
    """Raise UnavailableError if nothing can be built."""
    if not shutil.which("go"):
        raise UnavailableError("Go is not installed")


def install(package: str, version: str, target: Path, tags: str = "") -> None:
    """Make `target` the program of a package at a version. Raises FetchError if it cannot be built."""
    require()
    with tempfile.TemporaryDirectory(prefix=f"{target.name}-") as scratch:
        environment = {"GOBIN": scratch, "CGO_ENABLED": "0", "GOFLAGS": ""}
        run("go", "install", "-ldflags=-s -w", f"-tags={tags}", f"{package}@{version}", env=environment)
        (binary,) = Path(scratch).iterdir()
        place(binary, target)


def is_built_from(version: str, binary: Path) -> bool:
    """Say whether `binary` was built by Go from this version of its module."""
    if not os.access(binary, os.X_OK) or not shutil.which("go"):
        return False
    build = output(Path("go"), "version", "-m", str(binary))
    return re.search(rf"^\tmod\t\S+\t{re.escape(version)}\t", build, re.MULTILINE) is not None


def is_stripped(binary: Path) -> bool:
    """Say whether an ELF binary has no table of symbols, as publishers release theirs."""
    return b"\0.symtab\0" not in binary.read_bytes()


def downloaded(module: str) -> dict[str, str]:
    """Download a module ("path@version"), and return where its parts are. Raises FetchError."""
    require()
    parts: dict[str, str] = json.loads(run("go", "mod", "download", "-json", module, env={"GOFLAGS": ""}))
    return parts
