"""The settings of a run, read from the environment and validated as a whole before anything runs."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from mover.config import restic_variables
from mover.config.environment_reader import EnvironmentReader
from mover.config.limits import MOST_DAYS, MOST_PREVIOUS
from mover.config.repository_location import RepositoryLocation, check_password, read_location
from mover.config.retention import Retention, read_retention
from mover.config.secrets import Secret

SNAPSHOT_ID = re.compile(r"[0-9a-f]{4,64}")
MOST_SAMPLE_FILES = 100_000
MOST_SUBSETS = 256
"""restic itself refuses a larger ``--read-data-subset n/t``."""
DEFAULT_TIMEOUT_SECONDS = 600

_IN_BRACKETS = r"(?:[^\\\-\]]|\\.)"
PATTERN = rf"(?:[^\\\[]|\\.|\[(?:\^|(?!\^))(?:{_IN_BRACKETS}(?:-{_IN_BRACKETS})?)+\])*"
"""What may stand between two slashes of a pattern (Go's ``path/filepath``, ``Match``). Compiled only where needed."""

RESTORE_FLAGS_TAKEN = {"-t", "--target", "--dry-run", "-n", "--json", "--no-lock", "-H", "--host", "--path"}


class SettingsError(Exception):
    """The environment is wrong; ``problems`` holds a message for each variable."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class RepositoryInit(StrEnum):
    """When a backup may create the repository."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class OnMissing(StrEnum):
    """What a restore does if there is no repository or no matching snapshot."""

    FAIL = "fail"
    CONTINUE = "continue"


class BackupSettings(NamedTuple):
    """What goes into a snapshot."""

    exclude: tuple[str, ...]
    tags: tuple[str, ...]
    skip_if_unchanged: bool


class RestoreSettings(NamedTuple):
    """Which snapshot is restored, and how."""

    as_of: datetime | None
    previous: int
    snapshot: str | None
    path: str
    options: tuple[str, ...]
    missing: OnMissing


class CheckSettings(NamedTuple):
    """When the repository is checked, and how much of it is read."""

    interval: timedelta | None
    subsets: int
    sample_files: int


@dataclass(frozen=True)
class Settings:
    """Everything a run can be configured with. Printing it shows no secret."""

    repository: RepositoryLocation
    restic: Mapping[str, Secret] = field(repr=False)
    """What reaches restic of the environment."""
    data: Path
    cache: Path
    host: str
    repository_init: RepositoryInit
    retention: Retention | None
    prune_interval: timedelta | None
    last_pruned: datetime | None
    check: CheckSettings
    backup: BackupSettings
    restore: RestoreSettings
    retry_timeout: float
    """Seconds."""
    lock_timeout: float
    """Seconds."""


def read_settings(reader: EnvironmentReader) -> Settings:
    """Read the settings of a run.

    Raises:
        SettingsError: any setting is invalid; it lists every problem.
    """
    data = data_dir(reader)
    cache = Path(os.path.realpath(reader.path("RESTIC_CACHE_DIR", "/cache")))
    repository = read_location(reader)
    check_password(reader)
    _check_places(reader, data, cache, repository)
    settings = Settings(
        repository=repository,
        restic=restic_variables.read(reader, repository.url),
        data=data,
        cache=cache,
        host=reader.text("RESTIC_HOST", "volsync").strip(),
        repository_init=reader.choice("REPOSITORY_INIT", RepositoryInit.AUTO),
        retention=read_retention(reader),
        prune_interval=_days(reader, "PRUNE_INTERVAL_DAYS"),
        last_pruned=reader.time("LAST_PRUNED"),
        check=_check(reader),
        backup=_backup(reader),
        restore=_restore(reader, data),
        retry_timeout=reader.seconds("RETRY_TIMEOUT", DEFAULT_TIMEOUT_SECONDS),
        lock_timeout=reader.seconds("LOCK_TIMEOUT", DEFAULT_TIMEOUT_SECONDS),
    )
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


def data_dir(reader: EnvironmentReader) -> Path:
    """Return the path of the volume; it may not exist."""
    return Path(os.path.realpath(reader.path("DATA_DIR", "/data")))


def _check_places(reader: EnvironmentReader, data: Path, cache: Path, repository: RepositoryLocation) -> None:
    """A cache or repository inside the volume would be backed up into itself, and deleted by ``--delete``."""
    if cache.is_relative_to(data):
        reader.reject("RESTIC_CACHE_DIR", f"outside of DATA_DIR ({data})")
    if repository.local_path and repository.local_path.is_relative_to(data):
        reader.invalid("RESTIC_REPOSITORY", repository.shown, f"outside of DATA_DIR ({data})")


def _days(reader: EnvironmentReader, name: str) -> timedelta | None:
    days = reader.number(name, None, 0, MOST_DAYS)
    return None if days is None else timedelta(days=days)


def _check(reader: EnvironmentReader) -> CheckSettings:
    return CheckSettings(
        interval=_days(reader, "CHECK_INTERVAL_DAYS"),
        subsets=reader.number("CHECK_SUBSETS", 0, 0, MOST_SUBSETS) or 0,
        sample_files=reader.number("VERIFY_SAMPLE_FILES", 0, 0, MOST_SAMPLE_FILES) or 0,
    )


def _backup(reader: EnvironmentReader) -> BackupSettings:
    return BackupSettings(
        exclude=_exclude(reader),
        tags=_tags(reader),
        skip_if_unchanged=reader.boolean("SKIP_IF_UNCHANGED", default=False),
    )


def _exclude(reader: EnvironmentReader) -> tuple[str, ...]:
    patterns = reader.lines("BACKUP_EXCLUDE")
    wrong = [p for p in patterns if not all(re.fullmatch(PATTERN, part, re.DOTALL) for part in p.split("/"))]
    if wrong:
        reader.problem(f"BACKUP_EXCLUDE: invalid pattern {reader.shown(wrong[0])}: unclosed '[' or trailing backslash")
    return patterns


def _tags(reader: EnvironmentReader) -> tuple[str, ...]:
    tags = reader.lines("BACKUP_TAGS")
    if any("," in tag for tag in tags):
        reader.reject("BACKUP_TAGS", "one tag per line, without commas")
    return tags


def _restore(reader: EnvironmentReader, data: Path) -> RestoreSettings:
    as_of = reader.time("RESTORE_AS_OF")
    previous = reader.number("SELECT_PREVIOUS", 0, 0, MOST_PREVIOUS) or 0
    snapshot = reader.text("RESTORE_SNAPSHOT").strip().lower() or None
    if snapshot and not SNAPSHOT_ID.fullmatch(snapshot):
        reader.reject("RESTORE_SNAPSHOT", "a snapshot ID or its beginning (4 to 64 hex digits)")
    if snapshot and (as_of or previous):
        reader.problem("RESTORE_SNAPSHOT: set together with RESTORE_AS_OF or SELECT_PREVIOUS; set only one of them")
    missing = OnMissing.CONTINUE if reader.has("PRIVILEGED_MOVER") else OnMissing.FAIL
    return RestoreSettings(
        as_of=as_of,
        previous=previous,
        snapshot=snapshot,
        path=os.path.normpath(reader.text("RESTORE_PATH", str(data)).strip()),
        options=reader.flags("RESTORE_OPTIONS", RESTORE_FLAGS_TAKEN, "--delete"),
        missing=reader.choice("RESTORE_MISSING", missing),
    )
