"""How far restic has come: a progress bar on a terminal, a log record every half minute elsewhere.

A log is kept and read later, so it gets few records; a terminal is watched, so its bar is redrawn in place.
"""

import logging
import shutil
from collections.abc import Callable
from typing import TextIO

from mover.platform.clock import Clock
from mover.platform.streams import write
from mover.platform.units import count, duration, size
from mover.restic.messages import StatusMessage

log = logging.getLogger(__name__)

RECORD_INTERVAL_SECONDS = 30.0

FRAMES_ON_A_TERMINAL = "5"
FRAMES_IN_A_LOG = "0.1"
"""RESTIC_PROGRESS_FPS: restic's default of 10 status lines a second would be read only to be dropped."""

BAR_CHARACTERS = 24

Progress = Callable[[StatusMessage], None]


class Bar:
    """One line on a terminal that is redrawn with each status."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn = False

    def show(self, status: StatusMessage) -> None:
        """Draw the line."""
        columns = shutil.get_terminal_size().columns
        write(self._stream, f"\r\x1b[2K{line(status)[: columns - 1]}")
        self._drawn = True

    def clear(self) -> None:
        """Take the line away, so that something else can be written."""
        if self._drawn:
            write(self._stream, "\r\x1b[2K")
            self._drawn = False


def line(status: StatusMessage) -> str:
    """Put a status in one line: a bar, files, bytes, speed and time left."""
    share = min(status.bytes_done / status.total_bytes, 1.0) if status.total_bytes else 0.0
    filled = round(share * BAR_CHARACTERS)
    parts = [
        f"[{'#' * filled}{'.' * (BAR_CHARACTERS - filled)}] {share:4.0%}",
        f"{status.files_done} of {count(status.total_files, 'file')}",
        f"{size(status.bytes_done)} of {size(status.total_bytes)}",
    ]
    if status.seconds_elapsed:
        parts.append(f"{size(status.bytes_done / status.seconds_elapsed)}/s")
    if status.seconds_remaining:
        parts.append(f"{duration(status.seconds_remaining)} left")
    return "  ".join(parts)


def in_the_log(clock: Clock) -> Progress:
    """Make a progress that writes a log record every half minute."""
    last = clock.monotonic()

    def record(status: StatusMessage) -> None:
        nonlocal last
        if clock.monotonic() - last >= RECORD_INTERVAL_SECONDS:
            last = clock.monotonic()
            log.info("progress: %s", line(status).partition("] ")[2].strip(), extra={"progress": _fields(status)})

    return record


def _fields(status: StatusMessage) -> dict[str, int | None]:
    return {
        "filesDone": status.files_done,
        "filesTotal": status.total_files,
        "bytesDone": status.bytes_done,
        "bytesTotal": status.total_bytes,
        "secondsElapsed": status.seconds_elapsed,
        "secondsRemaining": status.seconds_remaining,
    }
