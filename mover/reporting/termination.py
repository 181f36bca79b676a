"""Telling how a run ended: the termination log, the last log record, and a summary for people."""

import logging
import os
from pathlib import Path
from typing import TextIO

from mover.config.settings import Reporting
from mover.exit_codes import ExitCode
from mover.platform.clock import Clock
from mover.platform.streams import write
from mover.platform.units import count, size
from mover.reporting.outcome import Outcome, fit

log = logging.getLogger(__name__)


def tell(outcome: Outcome, reporting: Reporting, clock: Clock) -> str:
    """Write the outcome object to the termination log, and return it for the last log record."""
    text = fit(outcome.as_dict(clock.now()))
    if reporting.termination_log:
        _write(reporting.termination_log, text)
    return text


def exit_code(outcome: Outcome, reporting: Reporting) -> int:
    """Choose the exit code of the process: 0 for what the caller wants treated as success."""
    return ExitCode.DONE if outcome.code in reporting.treat_as_success else outcome.code


def summary(outcome: Outcome, seconds: float) -> list[str]:
    """Sum a run up for a person, a line for each operation."""
    lines = [f"{o.operation:8} {o.code.outcome:20} {o.seconds:7.1f} s  {o.message}" for o in outcome.operations]
    cost = outcome.restic
    lines.append(
        f"{'restic':8} {count(cost.processes, 'process', 'processes')}, "
        f"{cost.cpu_seconds:.1f} s of CPU, {size(cost.peak_rss)} of memory at the most"
    )
    # VolSync's log filter looks for this very line, which its own mover ends with where all went well.
    return [*lines, *([f"Restic completed in {seconds:.0f}s"] if outcome.code is ExitCode.DONE else [])]


def _write(path: Path, text: str) -> None:
    """Overwrite the file in place: in a pod it is a mount of its own, which no rename can replace."""
    try:
        with path.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        log.warning(f"The termination log {path} can't be written ({error.strerror}).")


def last_record(text: str, stream: TextIO) -> None:
    """Write the outcome object as the last line of the log."""
    write(stream, text + "\n")
