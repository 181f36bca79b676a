"""The run journal: which runs of the mover began and did not end, so that their stale locks can be recognized.

An entry is written before restic is started and taken out at an orderly end. One that is still there belongs to a
run that was killed, or whose node was lost, or whose restic may have left its lock (the last is ``reported`` already).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mover.platform.clock import read_time, write_time
from mover.platform.memory_limit import limit
from mover.platform.units import size

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
MAX_ENTRIES = 20
"""Only the newest entries are kept; a lock left that many crashes ago is stale for restic as well."""


@dataclass(frozen=True)
class RunEntry:
    """A run that began and, as long as this is in the journal, has not ended."""

    host: str
    """The host name, as restic writes it into its locks."""
    boot: str
    """The kernel's boot ID: another one is another node, or the same after a restart."""
    started: datetime
    memory_limit: int | None
    """Bytes."""
    operations: tuple[str, ...]
    reported: bool = False
    """A later run has warned that this one never finished, or it needs no warning."""

    def unfinished_message(self) -> str:
        """Report that it never finished: if the kernel killed mover and restic together, only a later run can."""
        memory = f" (possibly OOM, memory limit {size(self.memory_limit)})" if self.memory_limit else ""
        return (
            f"Previous run on {self.host} (started {write_time(self.started)}) never finished: killed{memory} or node "
            "lost; its stale locks will be removed"
        )


def this_run(now: datetime, operations: Sequence[str]) -> RunEntry:
    """Make the entry of the run that begins now, in the whole seconds by which locks are compared."""
    return RunEntry(os.uname().nodename, boot_id(), now.replace(microsecond=0), limit(), tuple(operations))


def unfinished(runs: Sequence[RunEntry], current: RunEntry) -> list[RunEntry]:
    """Return the runs that began before the current one and did not end."""
    return [run for run in runs if run != current]


def with_current(runs: Sequence[RunEntry], current: RunEntry) -> list[RunEntry]:
    """Return the journal in which the current run has begun, and all others are reported."""
    return [*(replace(run, reported=True) for run in unfinished(runs, current)), current]


def without_current(runs: Sequence[RunEntry], current: RunEntry, *, may_have_left_lock: bool) -> list[RunEntry]:
    """Return the journal in which the current run has ended; its entry stays if restic's lock may have stayed."""
    return [*unfinished(runs, current), *([replace(current, reported=True)] if may_have_left_lock else [])]


def boot_id() -> str:
    """Return the kernel's boot ID; empty if it has none, which then proves nothing."""
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
            reported=entry["told"] is True,
        )
        for entry in entries
    ]


def write(runs: Sequence[RunEntry]) -> list[dict[str, Any]]:
    """Write the journal for a marker file; its keys are those of 0.1.0."""
    return [
        {
            "host": run.host,
            "boot": run.boot,
            "started": write_time(run.started),
            "memoryLimit": run.memory_limit,
            "operations": run.operations,
            "told": run.reported,
        }
        for run in runs[-MAX_ENTRIES:]
    ]
