"""Locks in the repository: whose they are, whether their holder is dead by proof, and what is done then.

restic takes a lock for stale after 30 minutes, or where host name and process id fit by chance. In pods both
prove little: the proof here is the journal of this mover's own runs.
"""

import json
import logging
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mover.exit_codes import ExitCode, Failure
from mover.platform.clock import Clock
from mover.platform.file_lock import FileLock
from mover.restic.messages import text_of, time_of, whole_of
from mover.restic.process import ProcessResult
from mover.state.run_journal import RunEntry

log = logging.getLogger(__name__)

UNREFRESHED = 360.0
"""Seconds of watching after which a lock that stayed the same is dead: restic renews it every five minutes."""

SHORTEST_WAIT, LONGEST_WAIT = 2.0, 30.0
"""Seconds between two looks at a lock."""

MOST_REMOVALS = 3
"""For one run. Locks that come back after this are made by somebody alive."""

SKEW = timedelta(seconds=2)
A_SECOND = timedelta(seconds=1)
"""The journal has whole seconds: a run may begin in the very one in which another was killed."""


@dataclass(frozen=True)
class Lock:
    """A lock file of restic (restic manual, «Design», «Locks»)."""

    id: str
    time: datetime
    host: str
    process: int

    def described(self, now: datetime) -> str:
        """Say who holds it and for how long."""
        age = max(0, round((now - self.time).total_seconds()))
        return f"process {self.process} on host {self.host} for {age} s"


@dataclass
class Locks:
    """The remedy for a locked repository: removes what is proven dead, and waits for what is alive."""

    ask: Callable[[Sequence[str]], list[str] | None]
    """Runs restic and returns its text, or nothing where it failed."""
    this_run: RunEntry
    unfinished_runs: Sequence[RunEntry]
    """Those of the journal that did not end."""
    file_lock: FileLock
    timeout: float
    """Seconds to wait for a lock of somebody alive."""
    clock: Clock
    sleep: Callable[[float], None]
    removed: Callable[[bool], None]
    """Called once locks have been removed: all of them, or perhaps not."""
    _first_seen: dict[str, float] = field(default_factory=dict)
    _known: dict[str, Lock] = field(default_factory=dict)
    _removals: int = 0

    def try_recover(self, ended: ProcessResult, waited: float) -> bool:
        """Do what can be done about a lock; whether it makes sense to try again.

        Where it does not, the failure is replaced by one that names the holder.
        """
        if ended.failure is None or ended.failure.code is not ExitCode.LOCKED:
            return False
        present = self._present()
        alive = [lock for lock in present if not self.is_dead(lock)]
        if present and not alive and self._removals < MOST_REMOVALS:
            self._remove(present)
            return not ended.prunes
        if waited >= self.timeout:
            ended.failure = self._held(alive or present, ended.failure)
            return False
        if waited < SHORTEST_WAIT:
            log.warning(self._held(alive, ended.failure).sentence)
        self.sleep(min(max(waited / 2, SHORTEST_WAIT), LONGEST_WAIT, self.timeout - waited))
        return True

    def is_dead(self, lock: Lock) -> bool:
        """Whether there is proof that the lock's holder is a run of this mover that no longer lives."""
        runs = [run for run in self.unfinished_runs if run.host == lock.host and run.started <= lock.time + SKEW]
        if not runs or _lives_here(lock):
            return False
        unrefreshed = self.clock.monotonic() - self._first_seen[lock.id] >= UNREFRESHED
        same_boot = any(run.boot == self.this_run.boot != "" for run in runs)
        before_us = lock.time < self.this_run.started + A_SECOND
        return unrefreshed or (same_boot and before_us and self.file_lock.proves_death)

    def _present(self) -> list[Lock]:
        """List the locks. One that can't be read is torn: it keeps nobody out, restic passes over it too."""
        now = self.clock.monotonic()
        lines = self.ask(["list", "locks", "--no-lock"]) or []
        ids = [line for line in lines if re.fullmatch(r"[0-9a-f]{64}", line)]
        for name in ids:
            if name not in self._known and (lock := self._read(name)):
                self._known[name] = lock
                self._first_seen[name] = now
        return [self._known[name] for name in ids if name in self._known]

    def _read(self, name: str) -> Lock | None:
        text = self.ask(["cat", "lock", name, "--no-lock"])
        try:
            fields = json.loads("".join(text or []))
        except (ValueError, RecursionError):
            return None
        if not isinstance(fields, dict):
            return None
        return Lock(name, time_of(fields, "time"), text_of(fields, "hostname"), whole_of(fields, "pid"))

    def _remove(self, dead: Sequence[Lock]) -> None:
        """Remove all locks at once: restic knows no way to remove a certain one, so all of them must be dead."""
        now = self.clock.now()
        for lock in dead:
            log.warning(f"Removing the lock of a run that was killed: {lock.described(now)}.")
        self._removals += 1
        self.removed(self.ask(["unlock", "--remove-all"]) is not None)

    def _held(self, holders: Sequence[Lock], failure: Failure) -> Failure:
        if not holders:
            return failure
        held = " and ".join(lock.described(self.clock.now()) for lock in holders)
        return Failure(
            ExitCode.LOCKED,
            f"The repository is locked by {held}; waiting {self.timeout:.0f} s at the most (LOCK_TIMEOUT). "
            "If that process is dead, `restic unlock --remove-all` removes its lock.",
        )


def _lives_here(lock: Lock) -> bool:
    """Whether the holder is a restic of this host that lives; this run's own have all ended by now."""
    if lock.host != os.uname().nodename:
        return False
    # Imported where it is needed: only a run that meets a lock asks.
    import psutil  # noqa: PLC0415

    try:
        process = psutil.Process(lock.process)
        return "restic" in process.name() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
