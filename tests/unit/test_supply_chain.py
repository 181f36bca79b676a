"""What the mover is made of is locked, and listed as it is locked."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").iterdir())


def locked(requirements: Path) -> dict[str, tuple[str, int]]:
    """Return what a requirements file pins: by name, the version and how many hashes it may have."""
    packages = re.split(r"^(?=[a-z0-9])", requirements.read_text(), flags=re.MULTILINE | re.IGNORECASE)[1:]
    pinned = {}
    for package in packages:
        match = re.match(r"([\w.-]+)(?:\[[^]]*\])?==([^ ;\n]+)", package)
        assert match, f"{requirements.name} should pin {package.splitlines()[0]}"
        pinned[match[1]] = (match[2], package.count("--hash=sha256:"))
    return pinned


@pytest.mark.parametrize("requirements", LOCKS, ids=lambda path: path.name)
def test_every_dependency_is_locked_with_its_hashes(requirements: Path) -> None:
    pinned = locked(requirements)

    assert pinned, "a lock file should lock something"
    assert not [name for name, (_, hashes) in pinned.items() if hashes == 0]
    assert "://" not in requirements.read_text(), "it should not matter from which index the packages come"


def test_what_npm_installs_is_locked_with_its_hashes() -> None:
    lock = json.loads((ROOT / "tools" / "azurite" / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}

    assert packages
    assert not [name for name, package in packages.items() if not package.get("integrity", "").startswith("sha512-")]
    assert not [name for name, package in packages.items() if "resolved" in package], "from which registry is no matter"


def test_the_bill_of_materials_lists_what_is_locked(tmp_path: Path) -> None:
    make = shutil.which("make")
    assert make
    target = tmp_path / "sbom.json"

    subprocess.run([make, "--silent", "-C", ROOT, "sbom", f"SBOM={target}"], check=True, capture_output=True)

    bill = json.loads(target.read_text())
    listed = {
        part["name"]: (part["version"], len(part["externalReferences"][0]["hashes"])) for part in bill["components"]
    }
    assert listed == locked(ROOT / "requirements" / "controller.txt")
    assert bill["metadata"]["component"]["name"] == "restic-mover"
