"""restic's output as typed messages: its own, torn ones, hostile ones and those of other versions."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mover.restic.json_fields import EPOCH
from mover.restic.messages import (
    BackupSummary,
    CheckSummary,
    Document,
    ExitError,
    FileError,
    RcloneLogLine,
    RestoreSummary,
    Snapshot,
    StatusMessage,
    Text,
    parse,
    snapshots,
)

RCLONE_SAVED = "rclone: 2026/11/25 21:13:29 DEBUG : data/40/403: size = 507 OK"
RCLONE_REFUSED = "rclone: 2026/11/25 21:13:29 DEBUG : config: HEAD request error: StatusCode: 403"

PRINTED = {
    # As restic 0.19.1 printed it.
    '{"message_type":"status","percent_done":0.5,"total_files":4,"files_done":2,"total_bytes":100,"bytes_done":50}': (
        StatusMessage(2, 4, 50, 100, 0, None)
    ),
    '{"message_type":"status","seconds_elapsed":3,"seconds_remaining":9,"percent_done":0,"total_files":1}': (
        StatusMessage(0, 1, 0, 0, 3, 9)
    ),
    '{"message_type":"status","total_files":4,"files_restored":2,"files_skipped":3,'
    '"total_bytes":9,"bytes_skipped":1}': (StatusMessage(5, 7, 1, 10, 0, None)),
    '{"message_type":"summary","files_new":1,"files_changed":2,"data_added":3,"total_files_processed":4,'
    '"total_bytes_processed":5,"total_duration":1.5,"backup_start":"2026-01-31T13:00:00.5+01:00","snapshot_id":"ab"}': (
        BackupSummary("ab", datetime(2026, 1, 31, 12, microsecond=500_000, tzinfo=UTC), 1, 2, 3, 4, 5, 1.5)
    ),
    '{"message_type":"summary","total_files_processed":4,"total_bytes_processed":5}': (
        BackupSummary("", EPOCH, 0, 0, 0, 4, 5, 0.0)
    ),
    '{"message_type":"summary","files_skipped":1,"bytes_skipped":3}': RestoreSummary(1, 3, 1),
    '{"message_type":"summary","total_files":2,"files_restored":2,"total_bytes":9,'
    '"bytes_restored":9,"files_deleted":1}': RestoreSummary(2, 9, 0),
    '{"message_type":"summary","num_errors":1,"broken_packs":["ab"],'
    '"suggest_repair_index":true,"suggest_prune":false}': (CheckSummary(1, ("ab",), suggest_repair_index=True)),
    '{"message_type":"error","error":{"message":"denied"},"during":"archival","item":"/data/x"}': (
        FileError("/data/x", "denied", "archival")
    ),
    '{"message_type":"error","message":"pack is broken"}': FileError("", "pack is broken", ""),
    '{"message_type":"exit_error","code":12,"message":"Fatal: wrong password"}': ExitError("Fatal: wrong password"),
    '{"message_type":"initialized","id":"ab"}': Document({"message_type": "initialized", "id": "ab"}),
    "[1, 2]": Document([1, 2]),
    "signal terminated received, cleaning up": Text("signal terminated received, cleaning up"),
    RCLONE_SAVED: RcloneLogLine(RCLONE_SAVED),
    RCLONE_REFUSED: Text(RCLONE_REFUSED),
}


@pytest.mark.parametrize(("line", "message"), PRINTED.items())
def test_each_line_of_restic_becomes_its_message(line: str, message: object) -> None:
    assert parse(line) == message


@pytest.mark.parametrize("line", [line for line in PRINTED if line.startswith("{")])
def test_an_incomplete_line_is_text(line: str) -> None:
    assert parse(line[:-1]) == Text(line[:-1])


@pytest.mark.parametrize("line", ["{" * 100_000, "[" * 100_000, '{"a": ' + "9" * 5000 + "}"])
def test_hostile_json_is_text(line: str) -> None:
    assert parse(line) == Text(line)


numbers = st.integers() | st.floats() | st.booleans() | st.just(10**400)
values = st.recursive(
    st.none() | numbers | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    [
        "total_files_processed",
        "num_errors",
        "backup_start",
        "snapshot_id",
        "total_duration",
        "broken_packs",
        "files_restored",
        "total_files",
        "bytes_skipped",
        "seconds_remaining",
        "item",
        "error",
        "code",
        "message",
    ]
)


@given(
    st.sampled_from(["status", "summary", "error", "exit_error", "unknown", 7]),
    st.dictionaries(names, values, max_size=6),
)
def test_a_field_of_any_type_is_accepted(kind: object, fields: dict[str, object]) -> None:
    message = parse(json.dumps({"message_type": kind, **fields}))
    assert not isinstance(message, Text)


@given(st.text())
def test_any_line_becomes_a_message(line: str) -> None:
    parse(line)


@pytest.mark.parametrize("number", ["-1", "NaN", "Infinity", "1e400", "1e18", '"7"', "null", "[]"])
def test_a_senseless_number_is_zero(number: str) -> None:
    line = f'{{"message_type":"status","total_files":{number},"seconds_remaining":{number}}}'
    assert parse(line) == StatusMessage(0, 0, 0, 0, 0, None)


def test_a_snapshot_has_the_counts_of_its_summary() -> None:
    fields = {
        "id": "abcd",
        "time": "2026-01-31T12:00:00Z",
        "hostname": "h",
        "paths": ["/data"],
        "tags": ["t"],
        "summary": {"total_files_processed": 3, "total_bytes_processed": 6},
    }
    assert snapshots([fields]) == [
        Snapshot("abcd", datetime(2026, 1, 31, 12, tzinfo=UTC), "h", ("/data",), ("t",), 3, 6)
    ]
    assert snapshots([fields])[0].data == fields


def test_a_snapshot_of_an_older_restic_has_no_counts() -> None:
    (snapshot,) = snapshots([{"id": "abcd", "time": "2026-01-31T12:00:00.123456789+01:00"}])
    assert (snapshot.files, snapshot.bytes, snapshot.paths, snapshot.tags) == (None, None, (), ())


def test_a_snapshot_without_an_id_is_skipped() -> None:
    assert snapshots([{}, {"id": ""}, {"id": 7}, None, "x"]) == []


@given(values)
def test_any_document_is_read_as_a_list_of_snapshots(document: object) -> None:
    assert isinstance(snapshots(document), list)
