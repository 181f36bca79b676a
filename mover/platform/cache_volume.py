"""The cache volume at ``RESTIC_CACHE_DIR``: restic's cache, its temporary files, and the marker file."""

import contextlib
import errno
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mover.platform.units import size
from mover.restic.process import ProcessResult

log = logging.getLogger(__name__)

TEMPORARY = "mover-tmp"
"""The folder for temporary files: of a name that nobody else has, as it may be wiped."""

RESTICS_OWN = re.compile(rf"[0-9a-f]{{64}}|restic-check-cache-\d+|{TEMPORARY}")
"""The folders that may be wiped: restic's caches, one a repository, and its temporary files. Never the marker."""

BROKEN = re.compile(
    r"no space left|disk quota exceeded|permission denied|read-only file system|operation not permitted|"
    r"input/output error|structure needs cleaning|unable to open cache|invalid argument|not a directory|"
    r"parsing \"|invalid syntax",
    re.IGNORECASE,
)
"""What restic says of a cache that it can't use, in a line that names the cache."""

FULL = re.compile(r"no space left|quota exceeded", re.IGNORECASE)


@dataclass
class CacheVolume:
    """The cache volume, as far as it can be used."""

    folder: Path
    warn: Callable[[str], None] = log.warning
    problem: str | None = None
    """Why it can't be used; the run then goes on without it."""
    may_be_wiped: bool = True
    """Once; never by somebody who does not hold the volume, as another run may be using it."""

    def prepare(self) -> None:
        """Make the folders that are missing and try whether they can be written."""
        try:
            self._try()
        except OSError as error:
            if self.may_be_wiped and error.errno in {errno.ENOSPC, errno.EDQUOT}:
                self.wipe()
                self.may_be_wiped = False
            self._try_or_give_up()

    @property
    def flags(self) -> tuple[str, ...]:
        """What every restic command has to be told."""
        return ("--no-cache",) if self.problem else ()

    @property
    def environment(self) -> Mapping[str, str]:
        """Where restic keeps its cache and its temporary files: ``/tmp`` may be small and in memory."""
        if self.problem:
            return {}
        return {"RESTIC_CACHE_DIR": str(self.folder), "TMPDIR": str(self.folder / TEMPORARY)}

    def try_recover(self, ended: ProcessResult, _: float) -> bool:
        """Mend a cache that made a command fail: wiped once, then left alone. Whether to try again."""
        trouble = None if ended.failure is None or self.problem else self._trouble(ended.text)
        if trouble is None:
            return False
        if not self.may_be_wiped:
            self._give_up(trouble)
        else:
            self.may_be_wiped = False
            log.warning(f"The cache on {self.folder} is of no use ({trouble}); wiping it.")
            self.wipe()
            self._try_or_give_up()
        return True

    def wipe(self) -> None:
        """Remove restic's own folders, which it makes anew from the repository."""
        for entry in self._restics_own():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    entry.unlink()
        with contextlib.suppress(OSError):  # whoever wipes tries afterwards what that was good for
            (self.folder / TEMPORARY).mkdir(exist_ok=True)

    def _trouble(self, words: str) -> str | None:
        """Find the line that blames the cache, if there is one."""
        blamed = (str(self.folder), "unable to open cache", "unable to locate cache")
        lines = [line for line in words.splitlines() if any(part in line for part in blamed)]
        return next((line for line in lines if BROKEN.search(line)), None)

    def _restics_own(self) -> list[Path]:
        try:
            return [entry for entry in self.folder.iterdir() if RESTICS_OWN.fullmatch(entry.name)]
        except OSError:
            return []

    def _try_or_give_up(self) -> None:
        try:
            self._try()
        except OSError as error:
            self._give_up(error.strerror or str(error))

    def _try(self) -> None:
        (self.folder / TEMPORARY).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.folder), tempfile.TemporaryFile(dir=self.folder / TEMPORARY) as file:
            file.write(bytes(4096))

    def _give_up(self, reason: str) -> None:
        self.problem = reason
        self.warn(
            f"Going on without the cache volume at RESTIC_CACHE_DIR ({self.folder}), which is slow and remembers "
            f"nothing ({reason}); {self._advice(reason)}."
        )

    def _advice(self, reason: str) -> str:
        if not FULL.search(reason):
            return f"mount a volume there that user {os.geteuid()} can write"
        try:
            whole = shutil.disk_usage(self.folder).total
        except OSError:
            return "make it larger"
        return f"its {size(whole)} are too few, make it {size(whole * 2)} or more"
