"""Putting the parts together: from settings to a repository that can be used."""

import contextlib
import os
from collections.abc import Iterator
from typing import NamedTuple

from mover.config.secrets import Redactor
from mover.config.settings import Settings
from mover.platform.cache_volume import CacheVolume
from mover.platform.clock import Clock
from mover.platform.file_lock import FileLock
from mover.platform.signals import ShutdownSignal
from mover.reporting.progress import Progress
from mover.restic import version
from mover.restic.cache_recovery import CacheRecovery
from mover.restic.environment import global_flags, restic_environment, with_features
from mover.restic.locks import LockRecovery
from mover.restic.process import Restic
from mover.restic.process_cost import ProcessCost
from mover.restic.repository import Repository
from mover.restic.retries import RetryingRestic
from mover.restic.runner import ResticRunner
from mover.state.store import StateStore


class RuntimeContext(NamedTuple):
    """What a repository needs beside its settings."""

    shutdown: ShutdownSignal
    clock: Clock
    cost: ProcessCost
    progress: Progress
    redact: Redactor
    progress_fps: str
    """Status lines a second that restic prints."""


@contextlib.contextmanager
def restic_with_retries(
    settings: Settings, cache: CacheVolume, runtime: RuntimeContext, file_lock: FileLock | None = None
) -> Iterator[RetryingRestic]:
    """Make restic ready to be run for the settings' repository, for as long as the context lasts.

    Raises:
        Failure: there is no restic that can be used.
    """
    descriptors = () if file_lock is None or file_lock.descriptor is None else (file_lock.descriptor,)
    with restic_environment(settings, runtime.progress_fps) as environment:
        executable = version.locate(environment.get("PATH", os.defpath))
        restic = Restic(executable, environment, runtime.shutdown, runtime.clock, runtime.cost, descriptors)
        identified = version.identify(restic, None if cache.problem else cache.folder / "restic-version.json")
        restic.environment = with_features(environment, identified.features)
        yield RetryingRestic(
            restic=restic,
            flags=global_flags(settings),
            cache=cache,
            retry_timeout=settings.retry_timeout,
            clock=runtime.clock,
            progress=runtime.progress,
            redact=runtime.redact,
        )


def repository_of_run(
    retrying: RetryingRestic, settings: Settings, store: StateStore, file_lock: FileLock
) -> Repository:
    """Make the repository as a run uses it: with recovery from an unusable cache, and from locks."""
    locks = LockRecovery(
        ask=retrying.ask,
        this_run=store.this_run,
        unfinished_runs=store.unfinished_runs,
        file_lock=file_lock,
        timeout=settings.lock_timeout,
        clock=retrying.clock,
        sleep=retrying.restic.shutdown.sleep,
        on_removal=store.note_removed_locks,
    )
    runner = ResticRunner(retrying, (CacheRecovery(retrying.cache), locks))
    return Repository(runner, settings.repository.shown, settings.host)


def repository_of_report(retrying: RetryingRestic, settings: Settings) -> Repository:
    """Make the repository as a report uses it, which takes no locks and removes none."""
    runner = ResticRunner(retrying, (CacheRecovery(retrying.cache),))
    return Repository(runner, settings.repository.shown, settings.host)
