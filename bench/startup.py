"""Start-up time: Python, the mover's imports, and the first restic process."""

import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.contenders import RESTIC
from bench.measure import Measured, measured

ROUNDS = 15


def startup(folder: Path) -> dict[str, float]:
    """Measure the start-up of the interpreter, of the mover and of its first restic, in seconds; memory in bytes."""
    environment = {"PATH": os.defpath, "HOME": str(folder)}
    imported = "import mover.app.run, mover.operations.backup"
    empty = _runs([sys.executable, "-c", "pass"], environment, folder)
    loaded = _runs([sys.executable, "-c", imported], environment, folder)
    return {
        "python": statistics.median(run.cpu for run in empty),
        "imports": statistics.median(run.cpu for run in loaded) - statistics.median(run.cpu for run in empty),
        "memory": statistics.median(run.own for run in loaded),
        "firstRestic": statistics.median(_first_restic(folder) for _ in range(ROUNDS)),
    }


def _runs(command: Sequence[str], environment: dict[str, str], folder: Path) -> list[Measured]:
    return [measured(command, environment, folder) for _ in range(ROUNDS)]


def _first_restic(folder: Path) -> float:
    """Return the seconds from the mover's start to its first restic process that opens the repository."""
    programs, began_at = folder / "startup-bin", folder / "began"
    programs.mkdir(exist_ok=True)
    began_at.write_text("")
    wrapper = programs / "restic"
    if not wrapper.exists():
        wrapper.write_text(f'#!/bin/sh\ntest "$1" = version || date +%s%N >> "{began_at}"\nexec "{RESTIC}" "$@"\n')
        wrapper.chmod(0o755)
    (folder / "startup-data").mkdir(exist_ok=True)
    environment = {
        "PATH": f"{programs}:{os.defpath}",
        "RESTIC_REPOSITORY": str(folder / "nowhere"),
        "RESTIC_PASSWORD": "bench",
        "RESTIC_CACHE_DIR": str(folder / "startup-cache"),
        "DATA_DIR": str(folder / "startup-data"),
    }
    began = time.time_ns()
    measured([sys.executable, "-m", "mover", "prune"], environment, folder)
    return (int(began_at.read_text().splitlines()[0]) - began) / 1e9
