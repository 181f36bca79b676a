"""Putting the parts together: from settings to a repository that can be used."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mover.config.secrets import Redactor
from mover.config.settings import Settings
from mover.exit_codes import ExitCode, Failure
from mover.platform import memory_limit
from mover.platform.cache_volume import CacheVolume
from mover.platform.clock import Clock
from mover.platform.file_lock import FileLock
from mover.platform.signals import ShutdownSignal
from mover.reporting.outcome import ResticCost
from mover.reporting.progress import Progress
from mover.restic import version
from mover.restic.locks import Locks
from mover.restic.process import Restic
from mover.restic.repository import Repository
from mover.restic.runner import ResticRunner
from mover.state.store import StateStore

GOOGLE = "GOOGLE_APPLICATION_CREDENTIALS"
FEATURES = "RESTIC_FEATURES"
FRAMES = "RESTIC_PROGRESS_FPS"
RCLONE_LOGS = (
    *("RCLONE_LOG_LEVEL", "RCLONE_VERBOSE", "RCLONE_QUIET"),  # rclone accepts but one of them
    *("RCLONE_LOG_FORMAT", "RCLONE_USE_JSON_LOG"),  # its log then looks like no other
)

LONGEST_STUCK = 300.0
"""Seconds: restic's own limit for a request that gets no answer."""


@dataclass(frozen=True)
class RuntimeContext:
    """What a repository needs beside its settings."""

    stopping: ShutdownSignal
    clock: Clock
    cost: ResticCost
    progress: Progress
    redact: Redactor
    frames: str
    """Status lines a second that restic shall write."""


@contextlib.contextmanager
def attempts(
    settings: Settings, cache: CacheVolume, around: RuntimeContext, handles: tuple[int, ...] = ()
) -> Iterator[ResticRunner]:
    """Make restic ready to be run for the settings' repository, for as long as the context lasts.

    Raises:
        Failure: there is no restic that could be used.
    """
    with contextlib.ExitStack() as stack:
        environment = {name: value.reveal() for name, value in settings.restic.items()}
        environment = {FRAMES: around.frames, **environment, **_memory(), **_rclone(settings, environment)}
        environment |= stack.enter_context(_google_credentials(environment))
        executable = version.locate(environment.get("PATH", os.defpath))
        restic = Restic(executable, environment, around.stopping, around.clock, around.cost, handles)
        known = version.identify(restic, None if cache.problem else cache.folder / "restic-version.json")
        restic.environment = {**environment, **_features(environment, known.features)}
        yield ResticRunner(
            restic=restic,
            flags=_flags(settings),
            cache=cache,
            retry_timeout=settings.retry_timeout,
            clock=around.clock,
            progress=around.progress,
            redact=around.redact,
            recoveries=(cache,),
        )


def remedied(plain: ResticRunner, settings: Settings, record: StateStore, file_lock: FileLock) -> Repository:
    """Make the repository as a run uses it, which knows what to do about locks."""
    stopping = plain.restic.stopping
    locks = Locks(
        ask=plain.ask,
        this_run=record.this_run,
        unfinished_runs=record.unfinished_runs,
        file_lock=file_lock,
        timeout=settings.lock_timeout,
        clock=plain.clock,
        sleep=stopping.sleep,
        removed=record.removed_locks,
    )
    return Repository(replace(plain, recoveries=(*plain.recoveries, locks)), settings.repository.shown, settings.host)


def _memory() -> dict[str, str]:
    limit = memory_limit.go_limit()
    return {"GOMEMLIMIT": limit} if limit else {}


def _rclone(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Have rclone say why a request failed, which it logs for debugging only: restic hears of a "500" and no more."""
    told = not settings.repository.is_rclone or any(name in environment for name in RCLONE_LOGS)
    return {} if told else {RCLONE_LOGS[0]: "DEBUG"}


def _flags(settings: Settings) -> tuple[str, ...]:
    """Flags of every command: restic's retries are the only ones, so that the first error is heard at once."""
    stuck = max(1.0, min(LONGEST_STUCK, settings.retry_timeout / 2))
    s3 = ("-o", "s3.retries=1") if settings.repository.is_s3 else ()
    return (f"--stuck-request-timeout={stuck:.0f}s", *s3)


def _features(environment: Mapping[str, str], features: tuple[str, ...]) -> dict[str, str]:
    """Add to the feature flags that are set already, and leave alone what they say."""
    given = environment.get(FEATURES, "")
    added = [f"{feature}=true" for feature in features if feature not in given]
    joined = ",".join([*([given] if given else []), *added])
    return {FEATURES: joined} if joined else {}


@contextlib.contextmanager
def _google_credentials(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Google's library wants a file: where the variable holds the JSON itself, write one for the time being."""
    if not environment.get(GOOGLE, "").lstrip().startswith("{"):
        yield {}
        return
    try:
        file = tempfile.NamedTemporaryFile("w", prefix="google-", suffix=".json")  # noqa: SIM115  closed below; 0600
    except OSError as error:
        raise Failure(ExitCode.USAGE, f"{GOOGLE} holds a key, which needs a place for a file: mount /tmp.") from error
    with file:
        file.write(environment[GOOGLE])
        file.flush()
        yield {GOOGLE: file.name}
