"""The termination log: the file whose content Kubernetes shows as the container's termination message."""

import os
from pathlib import Path

LARGEST_BYTES = 4096
"""Kubernetes keeps no more of a termination message (Container.terminationMessagePath)."""


def write_termination_log(path: Path, text: str) -> None:
    """Overwrite the file in place: in a pod it is a mount of its own, which no rename can replace.

    Raises:
        OSError: it can't be written.
    """
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
