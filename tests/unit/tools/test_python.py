"""Whether this Python will do, before anything is set up with it."""

import subprocess
import sys
from pathlib import Path

from tools.python import lacks

ROOT = Path(__file__).parents[3]


def test_this_python_will_do() -> None:
    done = subprocess.run([sys.executable, "-m", "tools.python"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_python_that_is_too_old_is_told_in_one_line() -> None:
    told = lacks((3, 10), has_venv=True)
    assert told.startswith("Python 3.10 is too old")
    assert "\n" not in told


def test_python_without_venv_is_told_what_to_install() -> None:
    assert "apt install python3-venv" in lacks((3, 11), has_venv=False)


def test_python_of_the_oldest_version_will_do() -> None:
    assert lacks((3, 11), has_venv=True) == ""
