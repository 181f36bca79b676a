"""What the mover is made of is locked, and listed as it is locked."""

import json
from pathlib import Path

import pytest

from tests.support.requirement_files import FOLDER, read_locked

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("requirements", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_every_dependency_is_locked_with_its_hashes(requirements: Path) -> None:
    pinned = read_locked(requirements)

    assert pinned, "a lock file should lock something"
    assert not [name for name, (_, hashes) in pinned.items() if hashes == 0]
    assert "://" not in requirements.read_text(), "it should not matter from which index the packages come"


def test_every_npm_package_is_locked_with_its_hash() -> None:
    lock = json.loads((ROOT / "tools" / "azurite" / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}

    assert packages
    assert not [name for name, package in packages.items() if not package.get("integrity", "").startswith("sha512-")]
    assert not [name for name, package in packages.items() if "resolved" in package], "from which registry is no matter"
