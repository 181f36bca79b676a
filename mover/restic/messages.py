"""restic's output, line by line: its JSON objects as typed messages, anything else as plain text.

restic mixes both on stderr, so every line is tried as JSON first. The lines in the docstrings here are those of restic
0.19.1, shortened; 0.18 prints the same, but for what is said of it (restic manual, "Scripting", "JSON output"). A line
of another version may lack fields or carry new ones: see ``json_fields``.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mover.restic.json_fields import float_of, text_of, texts_of, time_of, whole_of
from mover.restic.phrases import is_rclone_log_noise, is_retry_notice


@dataclass(frozen=True, slots=True)
class Text:
    """A line that is not JSON."""

    line: str


@dataclass(frozen=True, slots=True)
class RcloneLogLine:
    """A line of rclone's log that reports no failure. Its numbers and names must not be taken for errors.

    ``rclone: 2026/11/25 21:13:29 DEBUG : data/40/403: size = 507 OK``
    """

    line: str


@dataclass(frozen=True, slots=True)
class StatusMessage:
    """Progress of a backup or restore. Totals grow while restic still scans.

    ``{"message_type":"status","seconds_elapsed":3,"seconds_remaining":9,"percent_done":0.5,"total_files":4,``
    ``"files_done":2,"total_bytes":100,"bytes_done":50}``; a restore has ``files_restored``, ``files_skipped``,
    ``bytes_restored`` and ``bytes_skipped`` instead of ``files_done`` and ``bytes_done``.
    """

    files_done: int
    total_files: int
    bytes_done: int
    total_bytes: int
    seconds_elapsed: int
    seconds_remaining: int | None


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """The end of a backup; ``snapshot_id`` is empty if restic skipped an unchanged snapshot.

    ``{"message_type":"summary","files_new":3,"files_changed":0,"data_added":3146754,"data_added_packed":3146480,``
    ``"total_files_processed":3,"total_bytes_processed":3145730,"total_duration":0.642466478,``
    ``"backup_start":"2026-11-26T23:43:36.86929848Z","snapshot_id":"07c0b289f2ec…"}``
    """

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
    """The end of a restore. It counts failed files too: true only together with exit code 0.

    ``{"message_type":"summary","total_files":3,"files_restored":3,"files_skipped":1,"files_deleted":1,``
    ``"total_bytes":3145730,"bytes_restored":3145730,"bytes_skipped":3}``; a count of 0 is left out.
    """

    files: int
    """Entries of the snapshot, with those that were there already."""
    bytes: int
    skipped: int
    """Entries that were there already, unchanged."""


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """The end of a check.

    ``{"message_type":"summary","num_errors":1,"broken_packs":["6a57ccbb…"],"suggest_repair_index":false,``
    ``"suggest_prune":false}``
    """

    errors: int
    broken_packs: tuple[str, ...]
    suggest_repair_index: bool


@dataclass(frozen=True, slots=True)
class FileError:
    r"""An error with one file, or (without an item) one that a check found.

    ``{"message_type":"error","error":{"message":"open /data/x: permission denied"},"during":"archival",``
    ``"item":"/data/x"}``, and of check ``{"message_type":"error","message":"error: failed to load snapshot 07c0b289:
    LoadRaw(<snapshot/07c0b289f2>): invalid data returned\n"}``
    """

    item: str
    message: str
    during: str


@dataclass(frozen=True, slots=True)
class ExitError:
    """Why restic ended.

    ``{"message_type":"exit_error","code":12,"message":"Fatal: wrong password or no key found"}``
    """

    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """Any other JSON value: the arrays of ``snapshots`` and ``forget``, the objects of ``ls`` and ``init``.

    ``parsers`` shows those that it reads.
    """

    value: Any


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot as ``restic snapshots`` lists it; files and bytes are ``None`` if restic before 0.17 made it.

    ``{"time":"2026-11-26T23:43:36.86929848Z","tree":"8591ef32…","paths":["/data"],"hostname":"volsync",``
    ``"tags":["t"],"program_version":"restic 0.19.1","summary":{"total_files_processed":3,``
    ``"total_bytes_processed":3145730},"id":"07c0b289f2ec…","short_id":"07c0b289"}``
    """

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
    Text
    | RcloneLogLine
    | StatusMessage
    | BackupSummary
    | RestoreSummary
    | CheckSummary
    | FileError
    | ExitError
    | Document
)


def parse(line: str) -> Message:
    """Read one line of restic's output."""
    if not line.startswith(("{", "[")):
        return RcloneLogLine(line) if is_rclone_log_noise(line) else Text(line)
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
        case "error" if is_retry_notice(text_of(fields, "message")):
            return Text(text_of(fields, "message"))
        case "error":
            return _file_error(fields)
        case "exit_error":
            return ExitError(text_of(fields, "message"))
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
            broken_packs=texts_of(fields, "broken_packs"),
            suggest_repair_index=fields.get("suggest_repair_index") is True,
        )
    if "total_files_processed" not in fields:
        return RestoreSummary(
            files=whole_of(fields, "total_files") + whole_of(fields, "files_skipped"),
            bytes=whole_of(fields, "total_bytes") + whole_of(fields, "bytes_skipped"),
            skipped=whole_of(fields, "files_skipped"),
        )
    return BackupSummary(
        snapshot_id=text_of(fields, "snapshot_id"),
        time=time_of(fields, "backup_start"),
        files_new=whole_of(fields, "files_new"),
        files_changed=whole_of(fields, "files_changed"),
        data_added=whole_of(fields, "data_added"),
        files=whole_of(fields, "total_files_processed"),
        bytes=whole_of(fields, "total_bytes_processed"),
        seconds=float_of(fields, "total_duration"),
    )


def _file_error(fields: dict[str, Any]) -> FileError:
    error = fields.get("error")
    message = text_of(error, "message") if isinstance(error, dict) else text_of(fields, "message")
    return FileError(text_of(fields, "item"), message, text_of(fields, "during"))


def without_secrets(message: Message, redact: Callable[[str], str]) -> Message:
    """Redact what is shown of a message: name and reason of an error with a file."""
    if isinstance(message, FileError):
        return replace(message, item=redact(message.item), message=redact(message.message))
    return message


def snapshots(document: object) -> list[Snapshot]:
    """Read an array of snapshots, leaving out what does not look like one."""
    entries = document if isinstance(document, list) else []
    return [_snapshot(entry) for entry in entries if isinstance(entry, dict) and text_of(entry, "id")]


def _snapshot(fields: dict[str, Any]) -> Snapshot:
    summary = fields.get("summary")
    counts = summary if isinstance(summary, dict) else {}
    return Snapshot(
        id=text_of(fields, "id"),
        time=time_of(fields, "time"),
        host=text_of(fields, "hostname"),
        paths=texts_of(fields, "paths"),
        tags=texts_of(fields, "tags"),
        files=whole_of(counts, "total_files_processed") if counts else None,
        bytes=whole_of(counts, "total_bytes_processed") if counts else None,
        data=fields,
    )
