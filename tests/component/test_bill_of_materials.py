"""What the mover is made of is listed as it is locked."""

import json
import shutil
import subprocess
from pathlib import Path

from tests.support.requirement_files import FOLDER, read_locked

ROOT = FOLDER.parent


def test_the_bill_of_materials_lists_what_is_locked(tmp_path: Path) -> None:
    make = shutil.which("make")
    assert make
    target = tmp_path / "sbom.json"

    subprocess.run([make, "--silent", "-C", ROOT, "sbom", f"SBOM={target}"], check=True, capture_output=True)

    bill = json.loads(target.read_text())
    listed = {
        part["name"]: (part["version"], len(part["externalReferences"][0]["hashes"])) for part in bill["components"]
    }
    assert listed == read_locked(FOLDER / "controller.txt")
    assert bill["metadata"]["component"]["name"] == "restic-mover"
