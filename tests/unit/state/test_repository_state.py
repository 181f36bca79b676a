"""The marker file: whole or not at all, and of no harm where it is torn, hostile or of another version."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mover.state.repository_state import MarkerFile, RepositoryState, SnapshotRef, VolumeState

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(days=3)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def file(tmp_path: Path) -> MarkerFile:
    return MarkerFile(tmp_path, "0123456789abcdef")


def full() -> RepositoryState:
    known = SnapshotRef("f" * 64, EARLIER)
    volumes = {"volsync:/data": VolumeState(known, known), "other:/x": VolumeState()}
    return RepositoryState(since=EARLIER, pruned=EARLIER, checked=NOW, volumes=volumes)


class TestAMarkerFile:
    def test_remembers_everything(self, file: MarkerFile) -> None:
        file.save(full())
        assert file.load(NOW) == (full(), [])

    def test_that_is_absent_is_an_empty_one(self, file: MarkerFile) -> None:
        assert file.load(NOW) == (RepositoryState(), [])

    def test_is_one_for_each_repository(self, tmp_path: Path) -> None:
        MarkerFile(tmp_path, "one").save(full())
        assert MarkerFile(tmp_path, "other").load(NOW) == (RepositoryState(), [])

    def test_leaves_nothing_beside_it(self, file: MarkerFile, tmp_path: Path) -> None:
        file.save(full())
        file.save(RepositoryState())
        assert list(tmp_path.iterdir()) == [file.path]

    def test_is_read_by_nobody_else(self, file: MarkerFile) -> None:
        file.save(full())
        assert file.path.stat().st_mode & 0o077 == 0

    def test_keeps_what_it_was_where_it_can_t_be_written(self, tmp_path: Path) -> None:
        through_a_file = MarkerFile(tmp_path / "file", "0123456789abcdef")
        (tmp_path / "file").touch()
        with pytest.raises(NotADirectoryError):
            through_a_file.save(full())

    def test_leaves_nothing_beside_it_where_it_can_t_be_replaced(self, file: MarkerFile, tmp_path: Path) -> None:
        file.path.mkdir()
        (file.path / "in the way").touch()
        with pytest.raises(IsADirectoryError):
            file.save(full())
        assert list(tmp_path.iterdir()) == [file.path]

    def test_that_can_t_be_read_is_said_so(self, file: MarkerFile) -> None:
        file.path.mkdir()
        marker, complaints = file.load(NOW)
        assert marker == RepositoryState()
        assert complaints == [f"The marker file {file.path} can't be read (Is a directory)."]


OF_NO_USE = {
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


@pytest.mark.parametrize("content", OF_NO_USE.values(), ids=OF_NO_USE)
class TestAMarkerFileThatIsOfNoUse:
    def test_is_an_empty_one_and_said_so(self, file: MarkerFile, content: bytes) -> None:
        file.path.write_bytes(content)
        marker, complaints = file.load(NOW)
        assert marker == RepositoryState()
        (complaint,) = complaints
        assert complaint.startswith(f"The marker file {file.path} is of no use (")
        assert len(complaint) < len(str(file.path)) + 200

    def test_is_kept_aside_once_it_is_made_anew(self, file: MarkerFile, content: bytes) -> None:
        file.path.write_bytes(content)
        file.load(NOW)
        file.save(full())
        assert file.load(NOW) == (full(), [])
        assert file.path.with_suffix(".unusable").read_bytes() == content


class TestHostileContent:
    @given(st.binary(max_size=300))
    def test_of_any_bytes_raises_nothing(self, tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
        file = MarkerFile(tmp_path_factory.getbasetemp(), f"bytes-{len(content)}")
        file.path.write_bytes(content)
        assert file.load(NOW)[0] == RepositoryState()

    @given(
        st.fixed_dictionaries(
            {"version": st.just(1), "volumes": st.dictionaries(st.text(), json_values, max_size=2) | json_values},
            optional=dict.fromkeys(("since", "pruned", "checked"), json_values),
        )
    )
    def test_of_any_json_raises_nothing(self, tmp_path_factory: pytest.TempPathFactory, fields: object) -> None:
        file = MarkerFile(tmp_path_factory.getbasetemp(), "json")
        file.path.write_text(json.dumps(fields))
        marker, _ = file.load(NOW)
        assert marker.pruned is None or marker.pruned <= NOW + timedelta(minutes=5)


class TestTimesInTheFuture:
    def test_are_not_believed(self, file: MarkerFile) -> None:
        file.save(RepositoryState(since=EARLIER, pruned=NOW + timedelta(hours=1), checked=NOW + timedelta(days=365)))
        marker, complaints = file.load(NOW)
        assert (marker.since, marker.pruned, marker.checked) == (EARLIER, None, None)
        assert [("pruned" in line, "checked" in line) for line in complaints] == [(True, False), (False, True)]

    def test_are_believed_where_another_node_s_clock_may_explain_them(self, file: MarkerFile) -> None:
        soon = NOW + timedelta(minutes=4)
        file.save(RepositoryState(pruned=soon))
        assert file.load(NOW) == (RepositoryState(pruned=soon), [])


class TestTheMemoryOfAVolume:
    def test_is_of_one_host_and_path(self) -> None:
        marker = RepositoryState()
        marker.volume("volsync", Path("/data")).snapshot = SnapshotRef("id", NOW)
        assert marker.volume("volsync", Path("/data")).snapshot == SnapshotRef("id", NOW)
        assert marker.volume("other", Path("/data")).snapshot is None

    def test_knows_a_snapshot_of_any_volume(self) -> None:
        marker = RepositoryState()
        marker.volume("volsync", Path("/data"))
        assert not marker.knows_a_snapshot
        marker.volume("other", Path("/data")).snapshot = SnapshotRef("id", NOW)
        assert marker.knows_a_snapshot
