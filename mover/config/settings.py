"""The settings of a run, read from the environment and validated as a whole before anything runs."""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from mover.config import restic_variables as restic_environment
from mover.config.field_reader import LONGEST_SHOWN, Reader
from mover.config.retention import Retention, read_retention
from mover.config.secrets import Secret

SNAPSHOT_ID = re.compile(r"[0-9a-f]{4,64}")
MOST_DAYS = 36500
BACKEND = re.compile(r"[a-z0-9]+:")
"""How the URL of a repository on a server begins."""

LONGEST_FILE = 65536
"""Bytes that are read of a file with a URL."""
MOST_SUBSETS = 256
"""restic itself refuses a larger ``--read-data-subset n/t``."""

_IN_BRACKETS = r"(?:[^\\\-\]]|\\.)"
PATTERN = re.compile(rf"(?:[^\\\[]|\\.|\[(?:\^|(?!\^))(?:{_IN_BRACKETS}(?:-{_IN_BRACKETS})?)+\])*", re.DOTALL)
"""What may stand between two slashes of a pattern (Go's ``path/filepath``, ``Match``)."""

RESTORE_FLAGS_TAKEN = {"-t", "--target", "--dry-run", "-n", "--json", "--no-lock", "-H", "--host", "--path"}


class SettingsError(Exception):
    """The environment is wrong; ``problems`` holds a sentence for each variable."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class RepositoryInit(StrEnum):
    """When a backup may create the repository."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class OnMissing(StrEnum):
    """What a restore does where there is certainly nothing to restore."""

    FAIL = "fail"
    CONTINUE = "continue"


class LogFormat(StrEnum):
    """How log records are written."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """The least severe record that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Reporting:
    """How the run reports itself: known even where everything else is wrong."""

    log_format: LogFormat | None
    """``None``: text on a terminal, else JSON."""
    log_level: LogLevel
    termination_log: Path | None
    treat_as_success: frozenset[int]


@dataclass(frozen=True)
class Location:
    """Where the repository is."""

    url: Secret
    """The URL as restic wants it; it may hold credentials."""
    shown: str
    """The same without a password."""

    @property
    def id(self) -> str:
        """A name for the repository that does not change with its credentials: 16 hex digits."""
        return hashlib.sha256(without_credentials(self.url.reveal()).encode(errors="replace")).hexdigest()[:16]

    @property
    def is_s3(self) -> bool:
        """Whether restic's S3 backend serves it."""
        return self.url.reveal().startswith("s3:")

    @property
    def is_rclone(self) -> bool:
        """Whether restic has rclone reach it."""
        return self.url.reveal().startswith("rclone:")


@dataclass(frozen=True)
class BackupSettings:
    """What goes into a snapshot."""

    exclude: tuple[str, ...]
    tags: tuple[str, ...]
    skip_if_unchanged: bool


@dataclass(frozen=True)
class RestoreSettings:
    """Which snapshot is restored, and how."""

    as_of: datetime | None
    previous: int
    snapshot: str | None
    path: str
    options: tuple[str, ...]
    missing: OnMissing


@dataclass(frozen=True)
class CheckSettings:
    """When the repository is checked, and how much of it is read."""

    interval: timedelta | None
    subsets: int
    sample_files: int


@dataclass(frozen=True)
class Settings:
    """Everything a run was told. Printing it shows no secret."""

    repository: Location
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


def read_reporting(reader: Reader) -> Reporting:
    """Read how to report, with the defaults where a variable is wrong."""
    default = LogFormat.TEXT if reader.has("PRIVILEGED_MOVER") else None
    chosen = reader.choice("LOG_FORMAT", default or LogFormat.JSON) if reader.has("LOG_FORMAT") else default
    return Reporting(
        log_format=chosen,
        log_level=reader.choice("LOG_LEVEL", LogLevel.INFO),
        termination_log=_termination_log(reader),
        treat_as_success=_exit_codes(reader),
    )


def read_settings(reader: Reader) -> Settings:
    """Read the settings of a run.

    Raises:
        SettingsError: anything at all is wrong with them, all of it at once.
    """
    data = data_dir(reader)
    cache = Path(os.path.realpath(reader.path("RESTIC_CACHE_DIR", "/cache")))
    repository = _location(reader)
    _check_password(reader)
    _check_places(reader, data, cache, repository)
    settings = Settings(
        repository=repository,
        restic=restic_environment.read(reader, repository.url),
        data=data,
        cache=cache,
        host=reader.text("RESTIC_HOST", "volsync").strip(),
        repository_init=reader.choice("REPOSITORY_INIT", RepositoryInit.AUTO),
        retention=read_retention(reader),
        prune_interval=_days(reader, "PRUNE_INTERVAL_DAYS"),
        last_pruned=reader.time("LAST_PRUNED"),
        check=CheckSettings(
            interval=_days(reader, "CHECK_INTERVAL_DAYS"),
            subsets=reader.number("CHECK_SUBSETS", 0, 0, MOST_SUBSETS) or 0,
            sample_files=reader.number("VERIFY_SAMPLE_FILES", 0, 0, 100_000) or 0,
        ),
        backup=BackupSettings(
            exclude=_exclude(reader),
            tags=_tags(reader),
            skip_if_unchanged=reader.flag("SKIP_IF_UNCHANGED", default=False),
        ),
        restore=_restore(reader, data),
        retry_timeout=reader.seconds("RETRY_TIMEOUT", 600),
        lock_timeout=reader.seconds("LOCK_TIMEOUT", 600),
    )
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


def data_dir(reader: Reader) -> Path:
    """Say where the volume is, which needs not be there."""
    return Path(os.path.realpath(reader.path("DATA_DIR", "/data")))


def without_credentials(url: str) -> str:
    """Take user name and password out of a repository URL."""
    return re.sub(r"(?<=//)[^/]*@", "", url)


def _location(reader: Reader) -> Location:
    names = [name for name in ("RESTIC_REPOSITORY", "RESTIC_REPOSITORY_FILE") if reader.has(name)]
    if len(names) != 1:
        what = (
            "set only one of RESTIC_REPOSITORY and RESTIC_REPOSITORY_FILE"
            if names
            else (
                "RESTIC_REPOSITORY is not set: it should be the URL of the repository, "
                "such as s3:https://minio.example:9000/bucket"
            )
        )
        reader.object(what)
        return Location(Secret(""), "")
    url = reader.text("RESTIC_REPOSITORY").strip() or _only_line(reader, "RESTIC_REPOSITORY_FILE")
    if "://" in url if _is_local(url) else not BACKEND.match(url):
        # A folder of this name would be gone with the pod.
        reader.object(
            "RESTIC_REPOSITORY is the URL of no kind that restic knows: it should begin as s3:https:// does, or with "
            "local: where it is a folder"
        )
    elif _is_local(url):
        url = str(Path(os.path.realpath(url.removeprefix("local:"))))
    if set("/?#") & set(restic_environment.password_of(url)):
        reader.object("RESTIC_REPOSITORY has a password with / ? or # in it: it should be written as %2F, %3F or %23")
    return Location(Secret(url), restic_environment.without_password(url))


def _is_local(url: str) -> bool:
    """Whether restic takes it for a folder (restic manual, «Preparing a new repository», Local)."""
    return url.startswith(("local:", "/", ".")) or ":" not in url


def _only_line(reader: Reader, name: str) -> str:
    content = reader.content(name, LONGEST_FILE)
    text = (content or "").strip()
    if content is not None and (not text or "\n" in text):
        reader.complain(name, "the path of a file that holds the repository's URL and nothing else")
    return text


def _check_password(reader: Reader) -> None:
    names = ("RESTIC_PASSWORD", "RESTIC_PASSWORD_FILE", "RESTIC_PASSWORD_COMMAND")
    given = [name for name in names if reader.has(name)]
    if not given:
        reader.object(
            "RESTIC_PASSWORD is not set: it should be the password of the repository "
            "(or use RESTIC_PASSWORD_FILE, RESTIC_PASSWORD_COMMAND)"
        )
    if len(given) > 1:
        reader.object(f"set only one of {' and '.join(given)}")
    reader.file("RESTIC_PASSWORD_FILE")


def _check_places(reader: Reader, data: Path, cache: Path, repository: Location) -> None:
    """A cache or repository inside the volume would be backed up into itself, and deleted by ``--delete``."""
    if cache.is_relative_to(data):
        reader.complain("RESTIC_CACHE_DIR", f"outside of DATA_DIR ({data})")
    url = repository.url.reveal()
    if _is_local(url) and url and Path(url).is_relative_to(data):
        reader.object(f"RESTIC_REPOSITORY is {url!r}: it should be outside of DATA_DIR ({data})")


def _days(reader: Reader, name: str) -> timedelta | None:
    days = reader.number(name, None, 0, MOST_DAYS)
    return None if days is None else timedelta(days=days)


def _exclude(reader: Reader) -> tuple[str, ...]:
    patterns = reader.lines("BACKUP_EXCLUDE")
    wrong = [p for p in patterns if not all(PATTERN.fullmatch(part) for part in p.split("/"))]
    if wrong:
        shown = reader.redact(wrong[0])[:LONGEST_SHOWN]
        reader.object(
            f"BACKUP_EXCLUDE has {shown!r}: it should be a pattern, with a ] for each [ and a sign after each \\"
        )
    return patterns


def _tags(reader: Reader) -> tuple[str, ...]:
    tags = reader.lines("BACKUP_TAGS")
    if any("," in tag for tag in tags):
        reader.complain("BACKUP_TAGS", "one tag a line, without commas")
    return tags


def _restore(reader: Reader, data: Path) -> RestoreSettings:
    as_of = reader.time("RESTORE_AS_OF")
    previous = reader.number("SELECT_PREVIOUS", 0, 0, 1_000_000) or 0
    snapshot = reader.text("RESTORE_SNAPSHOT").strip().lower() or None
    if snapshot and not SNAPSHOT_ID.fullmatch(snapshot):
        reader.complain("RESTORE_SNAPSHOT", "a snapshot's id or its beginning: 4 to 64 hex digits")
    if snapshot and (as_of or previous):
        reader.object("RESTORE_SNAPSHOT names one snapshot: RESTORE_AS_OF and SELECT_PREVIOUS must not be set with it")
    options = reader.flags("RESTORE_OPTIONS", RESTORE_FLAGS_TAKEN, "--delete")
    missing = OnMissing.CONTINUE if reader.has("PRIVILEGED_MOVER") else OnMissing.FAIL
    return RestoreSettings(
        as_of=as_of,
        previous=previous,
        snapshot=snapshot,
        path=os.path.normpath(reader.text("RESTORE_PATH", str(data)).strip()),
        options=options,
        missing=reader.choice("RESTORE_MISSING", missing),
    )


def _termination_log(reader: Reader) -> Path | None:
    kubernetes = Path("/dev/termination-log")
    if reader.has("TERMINATION_LOG"):
        path = reader.path("TERMINATION_LOG", "")
        if not path.parent.is_dir() or path.is_dir():
            reader.complain("TERMINATION_LOG", "the path of a file in a folder that exists")
            return None
        return path
    return kubernetes if kubernetes.exists() else None


def _exit_codes(reader: Reader) -> frozenset[int]:
    words = [word.strip() for word in reader.text("TREAT_AS_SUCCESS").split(",") if word.strip()]
    if all(re.fullmatch(r"\d{1,3}", word, re.ASCII) for word in words):
        return frozenset(int(word) for word in words)
    reader.complain("TREAT_AS_SUCCESS", "exit codes with commas between them, such as 3,20")
    return frozenset()
