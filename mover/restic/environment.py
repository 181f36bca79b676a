"""The environment and the global flags that restic gets beyond the user's settings, and why.

``config.restic_variables`` picks what of the mover's environment reaches restic; here are the additions that make
restic keep to the container's memory, report errors at once, and deduplicate clones of a volume.
"""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping

from mover.config.restic_variables import GOOGLE_CREDENTIALS
from mover.config.settings import Settings
from mover.exit_codes import ExitCode, Failure
from mover.platform import memory_limit
from mover.platform.cache_volume import TEMPORARY, CacheVolume

FEATURES = "RESTIC_FEATURES"
FRAMES = "RESTIC_PROGRESS_FPS"
RCLONE_LOG_LEVEL = "RCLONE_LOG_LEVEL"
RCLONE_LOG_VARIABLES = (
    RCLONE_LOG_LEVEL,
    "RCLONE_VERBOSE",  # rclone accepts only one of these three
    "RCLONE_QUIET",
    "RCLONE_LOG_FORMAT",  # its log then has another format, which is not recognized
    "RCLONE_USE_JSON_LOG",
)

MAX_STUCK_SECONDS = 300.0
"""restic's own limit for a request without a response (``--stuck-request-timeout``)."""


@contextlib.contextmanager
def restic_environment(settings: Settings, progress_fps: str) -> Iterator[dict[str, str]]:
    """Build restic's whole environment, except for the feature flags, for as long as the context lasts.

    ``progress_fps``: status lines a second that restic prints.

    Raises:
        Failure: there is no place for a file with credentials.
    """
    environment = {name: value.reveal() for name, value in settings.restic.items()}
    environment = {FRAMES: progress_fps, **environment, **_memory(), **_rclone(settings, environment)}
    with _google_credentials(environment) as credentials:
        yield {**environment, **credentials}


def with_features(environment: Mapping[str, str], features: tuple[str, ...]) -> dict[str, str]:
    """Add feature flags to those that are set already, without changing what they say."""
    given = environment.get(FEATURES, "")
    added = [f"{feature}=true" for feature in features if feature not in given]
    joined = ",".join([*([given] if given else []), *added])
    return {**environment, FEATURES: joined} if joined else dict(environment)


def global_flags(settings: Settings) -> tuple[str, ...]:
    """Return the flags of every command: restic's retries are the only ones, so the first error is seen at once."""
    stuck = max(1.0, min(MAX_STUCK_SECONDS, settings.retry_timeout / 2))
    s3 = ("-o", "s3.retries=1") if settings.repository.is_s3 else ()
    return (f"--stuck-request-timeout={stuck:.0f}s", *s3)


def cache_flags(cache: CacheVolume) -> tuple[str, ...]:
    """Return the flags of every command for the cache volume, as far as that can be used now."""
    return ("--no-cache",) if cache.problem else ()


def cache_environment(cache: CacheVolume) -> dict[str, str]:
    """Put restic's cache and its temporary files on the cache volume: ``/tmp`` may be small and in memory."""
    if cache.problem:
        return {}
    return {"RESTIC_CACHE_DIR": str(cache.folder), "TMPDIR": str(cache.folder / TEMPORARY)}


def _memory() -> dict[str, str]:
    limit = memory_limit.go_limit()
    return {"GOMEMLIMIT": limit} if limit else {}


def _rclone(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Have rclone log why a request failed, which it does at level DEBUG only: restic gets a "500" and no more."""
    is_set = any(name in environment for name in RCLONE_LOG_VARIABLES)
    return {RCLONE_LOG_LEVEL: "DEBUG"} if settings.repository.is_rclone and not is_set else {}


@contextlib.contextmanager
def _google_credentials(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Google's library reads a file: if the variable holds the JSON itself, write a temporary file."""
    if not environment.get(GOOGLE_CREDENTIALS, "").lstrip().startswith("{"):
        yield {}
        return
    try:
        file = tempfile.NamedTemporaryFile("w", prefix="google-", suffix=".json")  # noqa: SIM115  closed below; 0600
    except OSError as error:
        message = f"{GOOGLE_CREDENTIALS}: no place for a file with the key ({error.strerror}); mount a volume at /tmp"
        raise Failure(ExitCode.USAGE, message) from error
    with file:
        file.write(environment[GOOGLE_CREDENTIALS])
        file.flush()
        yield {GOOGLE_CREDENTIALS: file.name}
