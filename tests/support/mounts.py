"""Things to mount for the length of a block."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount something; needs root."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", *options, folder], capture_output=True, text=True, check=False)  # noqa: S607
    assert done.returncode == 0, f"this needs root and a kernel that mounts {options}: {done.stderr}"
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)  # noqa: S607
