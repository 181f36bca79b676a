"""The tests of the image, where there is no Docker engine to run it."""

import subprocess
import sys
from pathlib import Path

from tools.engine import MISSING

ROOT = Path(__file__).parents[3]


def test_the_image_tests_fail_with_the_reason_and_are_not_skipped() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "integration/image/test_image.py", "-k", "small"],
        cwd=ROOT,
        env={"PATH": "/nowhere", MISSING: "because of this"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert process.returncode == 1, process.stdout
    assert "because of this" in process.stdout
    assert "1 error" in process.stdout
