"""The marker file: whole or not at all, and harmless where it is torn, hostile or of another version."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mover.state.marker_file import MarkerFile
from mover.state.repository_state import RepositoryState, SnapshotRef, VolumeState

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(days=3)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=20), children, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def file(tmp_path: Path) -> MarkerFile:
    return MarkerFile(tmp_path, "0123456789abcdef")


def full() -> RepositoryState:
    known = SnapshotRef("f" * 64, EARLIER)
    volumes = {"volsync:/data": VolumeState(known, known), "other:/x": VolumeState()}
    return RepositoryState(oldest_snapshot=EARLIER, pruned=EARLIER, checked=NOW, volumes=volumes)


def test_the_whole_state_is_saved_and_loaded(file: MarkerFile) -> None:
    file.save(full())
    assert file.load(NOW) == (full(), [])


def test_a_missing_marker_file_is_an_empty_state(file: MarkerFile) -> None:
    assert file.load(NOW) == (RepositoryState(), [])


def test_each_repository_has_its_own_marker_file(tmp_path: Path) -> None:
    MarkerFile(tmp_path, "one").save(full())
    assert MarkerFile(tmp_path, "other").load(NOW) == (RepositoryState(), [])


def test_saving_leaves_no_other_file(file: MarkerFile, tmp_path: Path) -> None:
    file.save(full())
    file.save(RepositoryState())
    assert list(tmp_path.iterdir()) == [file.path]


def test_only_the_owner_can_read_the_marker_file(file: MarkerFile) -> None:
    file.save(full())
    assert file.path.stat().st_mode & 0o077 == 0


def test_saving_below_a_file_raises_an_error(tmp_path: Path) -> None:
    through_a_file = MarkerFile(tmp_path / "file", "0123456789abcdef")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        through_a_file.save(full())


def test_a_failed_save_leaves_no_other_file(file: MarkerFile, tmp_path: Path) -> None:
    file.path.mkdir()
    (file.path / "in the way").touch()
    with pytest.raises(IsADirectoryError):
        file.save(full())
    assert list(tmp_path.iterdir()) == [file.path]


def test_temporary_files_of_killed_runs_are_removed(file: MarkerFile, tmp_path: Path) -> None:
    file.save(full())
    for repository in ("0123456789abcdef", "another"):
        (tmp_path / f".mover-{repository}.json.k1ll3d").write_text("{")
    file.remove_temporary_files()
    assert list(tmp_path.iterdir()) == [file.path]


def test_an_unreadable_marker_file_is_an_empty_state_with_a_warning(file: MarkerFile) -> None:
    file.path.mkdir()
    marker, complaints = file.load(NOW)
    assert marker == RepositoryState()
    (complaint,) = complaints
    assert f"{file.path} " in complaint
    assert complaint.endswith(": Is a directory")


UNUSABLE = {
    "empty": b"",
    "torn": b'{"version": 1, "since": "2026-',
    "list": b"[1, 2]",
    "null": b"null",
    "no text": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "older": b'{"version": 0, "volumes": {}}',
    "newer": b'{"version": 2, "pruned": "2999-01-01T00:00:00Z"}',
    "without version": b'{"volumes": {}}',
    "huge": b'{"version": 1, "volumes": {}, "x": "' + b"x" * 2_000_000 + b'"}',
    "huge number": b'{"version": 1, "volumes": {}, "pruned": ' + b"9" * 5000 + b"}",
    "time of no zone": b'{"version": 1, "volumes": {}, "pruned": "2026-01-01T00:00:00"}',
    "time before all": b'{"version": 1, "volumes": {}, "pruned": "0001-01-01T00:00:00+14:00"}',
    "wrong kinds": b'{"version": 1, "volumes": []}',
    "wrong kinds within": b'{"version": 1, "volumes": {"a": {"snapshot": 7, "complete": null}}}',
}


@pytest.mark.parametrize("content", UNUSABLE.values(), ids=UNUSABLE)
def test_an_invalid_marker_file_is_an_empty_state_with_a_warning(file: MarkerFile, content: bytes) -> None:
    file.path.write_bytes(content)
    marker, complaints = file.load(NOW)
    assert marker == RepositoryState()
    (complaint,) = complaints
    assert str(file.path) in complaint
    assert len(complaint) < len(str(file.path)) + 200


@pytest.mark.parametrize("content", UNUSABLE.values(), ids=UNUSABLE)
def test_an_invalid_marker_file_is_kept_under_another_name(file: MarkerFile, content: bytes) -> None:
    file.path.write_bytes(content)
    file.load(NOW)
    file.save(full())
    assert file.load(NOW) == (full(), [])
    assert file.path.with_suffix(".unusable").read_bytes() == content


@given(st.binary(max_size=300))
def test_a_marker_file_of_any_bytes_raises_no_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = MarkerFile(tmp_path_factory.getbasetemp(), f"bytes-{len(content)}")
    file.path.write_bytes(content)
    assert file.load(NOW)[0] == RepositoryState()


@given(
    st.fixed_dictionaries(
        {"version": st.just(1), "volumes": st.dictionaries(st.text(), json_values, max_size=2) | json_values},
        optional=dict.fromkeys(("since", "pruned", "checked"), json_values),
    )
)
def test_a_marker_file_of_any_json_raises_no_error(tmp_path_factory: pytest.TempPathFactory, fields: object) -> None:
    file = MarkerFile(tmp_path_factory.getbasetemp(), "json")
    file.path.write_text(json.dumps(fields))
    marker, _ = file.load(NOW)
    assert marker.pruned is None or marker.pruned <= NOW + timedelta(minutes=5)


def test_a_time_in_the_future_is_ignored_with_a_warning(file: MarkerFile) -> None:
    file.save(
        RepositoryState(oldest_snapshot=EARLIER, pruned=NOW + timedelta(hours=1), checked=NOW + timedelta(days=365))
    )
    marker, complaints = file.load(NOW)
    assert (marker.oldest_snapshot, marker.pruned, marker.checked) == (EARLIER, None, None)
    assert [("pruned" in line, "checked" in line) for line in complaints] == [(True, False), (False, True)]


def test_a_time_slightly_in_the_future_is_used_because_clocks_differ(file: MarkerFile) -> None:
    soon = NOW + timedelta(minutes=4)
    file.save(RepositoryState(pruned=soon))
    assert file.load(NOW) == (RepositoryState(pruned=soon), [])


def test_the_state_of_a_volume_is_for_one_host_and_path() -> None:
    marker = RepositoryState()
    marker.volume("volsync", Path("/data")).snapshot = SnapshotRef("id", NOW)
    assert marker.volume("volsync", Path("/data")).snapshot == SnapshotRef("id", NOW)
    assert marker.volume("other", Path("/data")).snapshot is None


def test_a_snapshot_of_any_volume_is_a_known_snapshot() -> None:
    marker = RepositoryState()
    marker.volume("volsync", Path("/data"))
    assert not marker.has_known_snapshot
    marker.volume("other", Path("/data")).snapshot = SnapshotRef("id", NOW)
    assert marker.has_known_snapshot
