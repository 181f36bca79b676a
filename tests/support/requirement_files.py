"""The files in requirements/, which pin what is installed."""

import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "requirements"


def read_locked(requirements: Path) -> dict[str, tuple[str, int]]:
    """Return what a requirements file pins: by name, the version and how many hashes it may have."""
    packages = re.split(r"^(?=[a-z0-9])", requirements.read_text(), flags=re.MULTILINE | re.IGNORECASE)[1:]
    pinned = {}
    for package in packages:
        match = re.match(r"([\w.-]+)(?:\[[^]]*\])?==([^ ;\n]+)", package)
        assert match, f"{requirements.name} should pin {package.splitlines()[0]}"
        pinned[match[1]] = (match[2], package.count("--hash=sha256:"))
    return pinned
