"""The recovery from a locked repository: identifies stale locks, removes them, and waits for live ones.

restic takes a lock for stale after 30 minutes, or if no process on its host has its PID. In pods both
prove little: the proof here is the journal of this mover's own runs, of which it is handed the unfinished ones.
"""

import json
import logging
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from mover.exit_codes import ExitCode, Failure
from mover.platform.clock import Clock
from mover.platform.file_lock import FileLock
from mover.restic.json_fields import text_of, time_of, whole_of
from mover.restic.process_result import ProcessResult

log = logging.getLogger(__name__)

UNREFRESHED_SECONDS = 360.0
"""A lock that is not refreshed for this long is stale: restic refreshes its locks every five minutes."""

MIN_WAIT_SECONDS, MAX_WAIT_SECONDS = 2.0, 30.0
"""Poll interval while waiting for a lock."""

MAX_REMOVALS = 3
"""Removals in one run: locks that reappear after that many belong to a live process."""

LOCK_TIME_TOLERANCE = timedelta(seconds=2)
ONE_SECOND = timedelta(seconds=1)
"""The journal has whole seconds: a run may start in the same second in which another was killed."""


class KnownRun(Protocol):
    """The fields of a run that identify its locks."""

    @property
    def host(self) -> str:
        """The host name, as restic writes it into its locks."""

    @property
    def boot(self) -> str:
        """The kernel's boot ID; empty if it is not known."""

    @property
    def started(self) -> datetime:
        """When it began, in whole seconds."""


class Lock(NamedTuple):
    """A lock file of restic (restic manual, "Design", "Locks").

    ``{"time":"2026-11-26T23:43:43.446597452Z","exclusive":false,"hostname":"node-1","username":"root","pid":26323}``
    """

    id: str
    time: datetime
    host: str
    process: int

    def described(self, now: datetime) -> str:
        """Describe who holds it and how old it is."""
        age = max(0, round((now - self.time).total_seconds()))
        return f"PID {self.process} on host {self.host} (lock age {age} s)"


@dataclass
class LockRecovery:
    """Removes the locks that are proven stale, and waits for live ones."""

    ask: Callable[[Sequence[str]], list[str] | None]
    """Runs restic and returns its text, or ``None`` if it failed."""
    this_run: KnownRun
    unfinished_runs: Sequence[KnownRun]
    """The runs that began before this one and did not end."""
    file_lock: FileLock
    timeout: float
    """Seconds to wait for a live lock."""
    clock: Clock
    sleep: Callable[[float], None]
    on_removal: Callable[[bool], None]
    """Callback after a removal; its argument: whether all locks are known to be removed."""
    _first_seen: dict[str, float] = field(default_factory=dict)
    _locks: dict[str, Lock] = field(default_factory=dict)
    _removals: int = 0

    def try_recover(self, result: ProcessResult, waited: float) -> bool:
        """Remove stale locks, or wait for others; return whether to retry.

        If False after LOCK_TIMEOUT, ``result.failure`` names the holder.
        """
        if result.failure is None or result.failure.code is not ExitCode.LOCKED:
            return False
        present = self._present()
        alive = [lock for lock in present if not self.is_stale(lock)]
        if present and not alive and self._removals < MAX_REMOVALS:
            self._remove(present)
            return not result.prunes
        if waited >= self.timeout:
            result.failure = self._gave_up(alive or present, result.failure)
            return False
        if waited < MIN_WAIT_SECONDS:
            log.warning(f"{self._held_by(alive, result.failure)}; waiting up to {self.timeout:.0f} s (LOCK_TIMEOUT)")
        self.sleep(min(max(waited / 2, MIN_WAIT_SECONDS), MAX_WAIT_SECONDS, self.timeout - waited))
        return True

    def is_stale(self, lock: Lock) -> bool:
        """Whether there is proof that the lock's holder is a run of this mover that is no longer alive."""
        latest_start = lock.time + LOCK_TIME_TOLERANCE
        runs = [run for run in self.unfinished_runs if run.host == lock.host and run.started <= latest_start]
        if not runs or _is_held_by_live_process(lock):
            return False
        unrefreshed = self.clock.monotonic() - self._first_seen[lock.id] >= UNREFRESHED_SECONDS
        same_boot = any(run.boot == self.this_run.boot != "" for run in runs)
        predates_this_run = lock.time < self.this_run.started + ONE_SECOND
        return unrefreshed or (same_boot and predates_this_run and self.file_lock.excludes_other_runs)

    def _present(self) -> list[Lock]:
        """List the locks. An unreadable one is incomplete and, as in restic, has no effect."""
        now = self.clock.monotonic()
        lines = self.ask(["list", "locks", "--no-lock"]) or []
        ids = [line for line in lines if re.fullmatch(r"[0-9a-f]{64}", line)]
        for name in ids:
            if name not in self._locks and (lock := self._read(name)):
                self._locks[name] = lock
                self._first_seen[name] = now
        return [self._locks[name] for name in ids if name in self._locks]

    def _read(self, name: str) -> Lock | None:
        text = self.ask(["cat", "lock", name, "--no-lock"])
        try:
            fields = json.loads("".join(text or []))
        except (ValueError, RecursionError):
            return None
        if not isinstance(fields, dict):
            return None
        return Lock(name, time_of(fields, "time"), text_of(fields, "hostname"), whole_of(fields, "pid"))

    def _remove(self, stale: Sequence[Lock]) -> None:
        """Remove all locks at once: restic cannot remove a single lock, so all must be stale."""
        now = self.clock.now()
        for lock in stale:
            log.warning(f"Removing the stale lock of a run that was killed: {lock.described(now)}")
        self._removals += 1
        self.on_removal(self.ask(["unlock", "--remove-all"]) is not None)

    def _held_by(self, holders: Sequence[Lock], failure: Failure) -> str:
        """Name the holders; if there are none to name, use what restic said of them."""
        now = self.clock.now()
        names = " and ".join(lock.described(now) for lock in holders)
        return f"Repository is locked by {names}" if holders else failure.message

    def _gave_up(self, holders: Sequence[Lock], failure: Failure) -> Failure:
        if not holders:
            return failure
        return Failure(
            ExitCode.LOCKED,
            f"{self._held_by(holders, failure)}; gave up after {self.timeout:.0f} s (LOCK_TIMEOUT); "
            "if that process no longer runs, `restic unlock --remove-all` removes its lock",
        )


def _is_held_by_live_process(lock: Lock) -> bool:
    """Whether the holder is a running restic process on this host; this run has none at this point."""
    if lock.host != os.uname().nodename:
        return False
    # Loaded late: not needed unless there is a lock.
    import psutil  # noqa: PLC0415

    try:
        process = psutil.Process(lock.process)
        return "restic" in process.name() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
