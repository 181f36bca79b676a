"""Whether this Python is good enough, before anything is set up with it."""

import subprocess
import sys
from pathlib import Path

from tools.python import lacks

ROOT = Path(__file__).parents[3]


def test_this_python_is_new_enough() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tools.python"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")


def test_a_python_that_is_too_old_is_reported_in_one_line() -> None:
    message = lacks((3, 10), has_venv=True)
    assert "3.10" in message
    assert "PYTHON=" in message
    assert "\n" not in message


def test_without_venv_the_package_to_install_is_reported() -> None:
    assert "python3-venv" in lacks((3, 11), has_venv=False)


def test_the_oldest_supported_python_is_new_enough() -> None:
    assert lacks((3, 11), has_venv=True) == ""
