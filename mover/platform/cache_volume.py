"""The cache volume at ``RESTIC_CACHE_DIR``: restic's cache, its temporary files, and the marker file.

No run may fail because of it: a volume full of restic's cache is wiped, and if it is unusable the run continues
without it. ``restic.cache_recovery`` knows which restic errors mean that the cache is unusable.
"""

import contextlib
import errno
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mover.platform.units import size
from mover.warning_reasons import Warn, WarningReason

TEMPORARY = "mover-tmp"
"""Directory for temporary files. It may be wiped, so the name must be unique."""

WIPED = re.compile(rf"[0-9a-f]{{64}}|restic-check-cache-\d+|{TEMPORARY}")
"""What may be wiped: restic's caches, a directory for each repository, and temporary files. Never the marker file."""

FULL = re.compile(r"no space left|quota exceeded", re.IGNORECASE)
"""The kernel's text for a full volume, which restic quotes."""

PROBE_BYTES = 4096


@dataclass
class CacheVolume:
    """The cache volume, as far as it can be used."""

    folder: Path
    warn: Warn
    problem: str | None = None
    """Why it is unusable; the run then goes on without it."""
    may_be_wiped: bool = True
    """Whether the volume may still be wiped: at most once, and only by the run that holds its lock."""

    def prepare(self) -> None:
        """Create the directories that are missing and probe whether they can be written."""
        try:
            self._probe()
        except OSError as error:
            if self.may_be_wiped and error.errno in {errno.ENOSPC, errno.EDQUOT}:
                self.wipe_once()
            else:
                self._probe_or_give_up()

    def wipe_once(self) -> None:
        """Wipe the volume; if it is still unusable, continue without it."""
        self.may_be_wiped = False
        self.wipe()
        self._probe_or_give_up()

    def wipe(self) -> None:
        """Remove restic's own directories, which it rebuilds from the repository."""
        for entry in self._wiped_entries():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    entry.unlink()
        with contextlib.suppress(OSError):  # the probe that follows a wipe reports it
            (self.folder / TEMPORARY).mkdir(exist_ok=True)

    def give_up(self, reason: str) -> None:
        """Go on without the volume, and warn with the reason and what can be done about it."""
        self.problem = reason
        self.warn(
            WarningReason.CACHE_UNUSABLE,
            f"RESTIC_CACHE_DIR: cache volume {self.folder} is unusable ({reason}), continuing without it: slower, and "
            f"no state is kept; {self._advice(reason)}",
        )

    def _wiped_entries(self) -> list[Path]:
        try:
            return [entry for entry in self.folder.iterdir() if WIPED.fullmatch(entry.name)]
        except OSError:
            return []

    def _probe_or_give_up(self) -> None:
        try:
            self._probe()
        except OSError as error:
            self.give_up(error.strerror or str(error))

    def _probe(self) -> None:
        (self.folder / TEMPORARY).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.folder), tempfile.TemporaryFile(dir=self.folder / TEMPORARY) as file:
            file.write(bytes(PROBE_BYTES))

    def _advice(self, reason: str) -> str:
        if not FULL.search(reason):
            return f"mount a volume there that uid {os.geteuid()} can write"
        try:
            whole = shutil.disk_usage(self.folder).total
        except OSError:
            return "resize it"
        return f"it has {size(whole)}, resize it to {size(whole * 2)} or more"
