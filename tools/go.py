"""Build programs with Go: its module proxy and checksum database vouch for what a pinned version holds."""

import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from tools.install import FetchError, place, run


def lacking() -> str:
    """Say why nothing can be built here; empty where it can."""
    return "" if shutil.which("go") else "Go is not installed"


def install(package: str, version: str, target: Path) -> None:
    """Make `target` the program of a package at a version. Raises FetchError where it can't be built."""
    if is_built_from(version, target):
        return
    if lacking():
        raise FetchError(f"no {target.name}: {lacking()}")
    with tempfile.TemporaryDirectory(prefix=f"{target.name}-") as scratch:
        environment = {"GOBIN": scratch, "CGO_ENABLED": "0", "GOFLAGS": ""}
        run("go", "install", f"{package}@{version}", env=environment)
        (binary,) = Path(scratch).iterdir()
        place(binary, target)


def is_built_from(version: str, binary: Path) -> bool:
    """Say whether `binary` was built by Go from this version of its module."""
    if not os.access(binary, os.X_OK) or lacking():
        return False
    try:
        told = run("go", "version", "-m", binary)
    except FetchError:
        return False
    return re.search(rf"^\tmod\t\S+\t{re.escape(version)}\t", told, re.MULTILINE) is not None


def downloaded(module: str) -> dict[str, str]:
    """Download a module ("path@version"), and return where its parts are. Raises FetchError."""
    found: dict[str, str] = json.loads(run("go", "mod", "download", "-json", module, env={"GOFLAGS": ""}))
    return found
