"""What restic says: its JSON lines as typed messages, anything else as plain text.

restic mixes both on stderr, so every line is tried as JSON first (restic manual, «Scripting», JSON output).
A line of another version may lack fields or carry new ones: a missing number is 0, a missing text is empty.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from mover.platform.clock import read_time

RETRY = re.compile(r" returned error, retrying after | operation successful after ")
"""Of a request that restic tries again: a line of plain text, which check (since 0.19) dresses up as an error."""

CHATTER = re.compile(r"rclone: \S+ \S+ (DEBUG|INFO|NOTICE) *: (?!.* request error: )")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Text:
    """A line that is not JSON."""

    line: str


@dataclass(frozen=True, slots=True)
class Chatter:
    """A line of rclone's log that tells of no failure. Its numbers and names must not be taken for restic's words."""

    line: str


@dataclass(frozen=True, slots=True)
class StatusMessage:
    """How far a backup or restore has come. Totals grow while restic still scans."""

    files_done: int
    total_files: int
    bytes_done: int
    total_bytes: int
    seconds_elapsed: int
    seconds_remaining: int | None


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """The end of a backup; ``snapshot_id`` is empty where restic skipped an unchanged snapshot."""

    snapshot_id: str
    time: datetime
    files_new: int
    files_changed: int
    data_added: int
    """Bytes of new data, before compression."""
    files: int
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RestoreSummary:
    """The end of a restore. It counts failed files too: true only together with exit code 0."""

    files: int
    """Entries of the snapshot, with those that were there already."""
    bytes: int
    skipped: int
    """Entries that were there already, unchanged."""
    deleted: int


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """The end of a check."""

    errors: int
    broken_packs: tuple[str, ...]
    suggest_repair_index: bool
    suggest_prune: bool


@dataclass(frozen=True, slots=True)
class FileError:
    """Something that went wrong with one file, or (without an item) in a check."""

    item: str
    message: str
    during: str


@dataclass(frozen=True, slots=True)
class ExitError:
    """Why restic ended."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """Any other JSON value: the arrays of ``snapshots`` and ``forget``, the objects of ``ls``."""

    value: Any


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot as ``restic snapshots`` lists it; files and bytes are ``None`` where restic before 0.17 made it."""

    id: str
    time: datetime
    host: str
    paths: tuple[str, ...]
    tags: tuple[str, ...] = ()
    files: int | None = None
    bytes: int | None = None
    data: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """All of it, as restic wrote it."""


Message = (
    Text | Chatter | StatusMessage | BackupSummary | RestoreSummary | CheckSummary | FileError | ExitError | Document
)


def parse(line: str) -> Message:
    """Read one line of restic's output."""
    if not line.startswith(("{", "[")):
        return Chatter(line) if CHATTER.match(line) else Text(line)
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return Text(line)
    if not isinstance(value, dict):
        return Document(value)
    return _message(value)


def _message(fields: dict[str, Any]) -> Message:
    match fields.get("message_type"):
        case "status":
            return _status(fields)
        case "summary":
            return _summary(fields)
        case "error" if RETRY.search(text_of(fields, "message")):
            return Text(text_of(fields, "message"))
        case "error":
            return _file_error(fields)
        case "exit_error":
            return ExitError(whole_of(fields, "code"), text_of(fields, "message"))
        case _:
            return Document(fields)


def _status(fields: dict[str, Any]) -> StatusMessage:
    restoring = "files_restored" in fields or "bytes_restored" in fields
    done = ("files_restored", "bytes_restored") if restoring else ("files_done", "bytes_done")
    # restic leaves what a restore found in place already out of its totals.
    files_skipped, bytes_skipped = whole_of(fields, "files_skipped"), whole_of(fields, "bytes_skipped")
    return StatusMessage(
        files_done=whole_of(fields, done[0]) + files_skipped,
        total_files=whole_of(fields, "total_files") + files_skipped,
        bytes_done=whole_of(fields, done[1]) + bytes_skipped,
        total_bytes=whole_of(fields, "total_bytes") + bytes_skipped,
        seconds_elapsed=whole_of(fields, "seconds_elapsed"),
        seconds_remaining=whole_of(fields, "seconds_remaining") or None,
    )


def _summary(fields: dict[str, Any]) -> Message:
    if "num_errors" in fields:
        return CheckSummary(
            errors=whole_of(fields, "num_errors"),
            broken_packs=_texts(fields, "broken_packs"),
            suggest_repair_index=fields.get("suggest_repair_index") is True,
            suggest_prune=fields.get("suggest_prune") is True,
        )
    if "total_files_processed" not in fields:
        return RestoreSummary(
            files=whole_of(fields, "total_files") + whole_of(fields, "files_skipped"),
            bytes=whole_of(fields, "total_bytes") + whole_of(fields, "bytes_skipped"),
            skipped=whole_of(fields, "files_skipped"),
            deleted=whole_of(fields, "files_deleted"),
        )
    return BackupSummary(
        snapshot_id=text_of(fields, "snapshot_id"),
        time=time_of(fields, "backup_start"),
        files_new=whole_of(fields, "files_new"),
        files_changed=whole_of(fields, "files_changed"),
        data_added=whole_of(fields, "data_added"),
        files=whole_of(fields, "total_files_processed"),
        bytes=whole_of(fields, "total_bytes_processed"),
        seconds=_number(fields, "total_duration"),
    )


def _file_error(fields: dict[str, Any]) -> FileError:
    error = fields.get("error")
    message = text_of(error, "message") if isinstance(error, dict) else text_of(fields, "message")
    return FileError(text_of(fields, "item"), message, text_of(fields, "during"))


def without_secrets(message: Message, redact: Callable[[str], str]) -> Message:
    """Redact what is shown of a message: the words of an error about a file."""
    if isinstance(message, FileError):
        return replace(message, item=redact(message.item), message=redact(message.message))
    return message


def snapshots(document: object) -> list[Snapshot]:
    """Read a list of snapshots, leaving out what does not look like one."""
    entries = document if isinstance(document, list) else []
    return [_snapshot(entry) for entry in entries if isinstance(entry, dict) and text_of(entry, "id")]


def _snapshot(fields: dict[str, Any]) -> Snapshot:
    summary = fields.get("summary")
    counts = summary if isinstance(summary, dict) else {}
    return Snapshot(
        id=text_of(fields, "id"),
        time=time_of(fields, "time"),
        host=text_of(fields, "hostname"),
        paths=_texts(fields, "paths"),
        tags=_texts(fields, "tags"),
        files=whole_of(counts, "total_files_processed") if counts else None,
        bytes=whole_of(counts, "total_bytes_processed") if counts else None,
        data=fields,
    )


def _number(fields: dict[str, Any], name: str) -> float:
    value = fields.get(name)
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e18 else 0.0  # noqa: PLR2004  no size is larger


def whole_of(fields: dict[str, Any], name: str) -> int:
    """Return a whole number of an object; 0 where there is none."""
    return int(_number(fields, name))


def text_of(fields: dict[str, Any], name: str) -> str:
    """Return a text of an object; empty where there is none."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _texts(fields: dict[str, Any], name: str) -> tuple[str, ...]:
    values = fields.get(name)
    return tuple(v for v in values if isinstance(v, str)) if isinstance(values, list) else ()


def time_of(fields: dict[str, Any], name: str) -> datetime:
    """Return a time of an object; the epoch where there is none."""
    try:
        return read_time(text_of(fields, name))
    except (ValueError, OverflowError):
        return EPOCH
