"""The journal: which runs of the mover began and did not end, so that what they left behind can be told.

An entry is written before restic is started and taken out at an orderly end. One that is still there belongs
to a run that was killed, or whose node was lost, or whose restic may have left its lock behind (``told``).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mover.platform.clock import read_time, write_time
from mover.platform.memory_limit import limit

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
MOST_RUNS = 20
"""Entries that are kept, the newest. A lock older than that many crashes is restic's own stale lock by far."""


@dataclass(frozen=True)
class RunEntry:
    """A run that began and, as long as this is in the journal, has not ended."""

    host: str
    """The host name, as restic writes it into its locks."""
    boot: str
    """The kernel's boot id: another one is another node, or the same after a restart."""
    started: datetime
    memory_limit: int | None
    """Bytes."""
    operations: tuple[str, ...]
    told: bool = False
    """A later run has reported that this one did not end."""

    def described(self) -> str:
        """Say where and when it began."""
        return f"{self.host} that began at {write_time(self.started)}"


def this_run(now: datetime, operations: Sequence[str]) -> RunEntry:
    """Make the entry of the run that begins now, with the whole second restic's locks are compared by."""
    return RunEntry(os.uname().nodename, boot_id(), now.replace(microsecond=0), limit(), tuple(operations))


def boot_id() -> str:
    """Return the kernel's boot id; empty where it has none, which then proves nothing."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""


def read(entries: list[dict[str, Any]]) -> list[RunEntry]:
    """Read the journal of a marker file."""
    return [
        RunEntry(
            host=str(entry["host"]),
            boot=str(entry["boot"]),
            started=read_time(entry["started"]),
            memory_limit=entry["memoryLimit"] if isinstance(entry["memoryLimit"], int) else None,
            operations=tuple(str(operation) for operation in entry["operations"]),
            told=entry["told"] is True,
        )
        for entry in entries
    ]


def write(runs: Sequence[RunEntry]) -> list[dict[str, Any]]:
    """Write the journal for a marker file."""
    return [
        {
            "host": run.host,
            "boot": run.boot,
            "started": write_time(run.started),
            "memoryLimit": run.memory_limit,
            "operations": run.operations,
            "told": run.told,
        }
        for run in runs[-MOST_RUNS:]
    ]
