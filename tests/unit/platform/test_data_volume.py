"""The volume: its entries, and what is no volume."""

import shutil
from pathlib import Path

import pytest

from mover.exit_codes import ExitCode, Failure
from mover.platform.data_volume import entries, flush, free_bytes


class TestEntries:
    def test_are_the_names_at_the_root_without_lost_and_found(self, tmp_path: Path) -> None:
        for name in ("b", ".hidden", "lost+found", "a/lost+found"):
            (tmp_path / name).mkdir(parents=True)
        assert entries(tmp_path) == [".hidden", "a", "b"]

    @pytest.mark.parametrize(
        ("name", "reason"), [("missing", "No such file or directory"), ("file", "Not a directory"), ("x" * 300, "long")]
    )
    def test_of_no_folder_are_a_failure_and_never_none(self, tmp_path: Path, name: str, reason: str) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(Failure, match=reason) as failure:
            entries(tmp_path / name)
        assert failure.value.code is ExitCode.USAGE
        assert str(tmp_path / name) in failure.value.sentence


class TestFreeBytes:
    def test_are_known_of_a_volume(self, tmp_path: Path) -> None:
        assert free_bytes(tmp_path)

    def test_are_not_known_where_the_file_system_tells_no_size(self) -> None:
        assert free_bytes(Path("/proc")) is None, "a volume of unknown size is not a full one"


class TestFlush:
    def test_returns_once_all_is_on_disk(self, tmp_path: Path) -> None:
        flush(tmp_path)

    def test_of_a_volume_that_is_gone_is_an_error(self, tmp_path: Path) -> None:
        shutil.rmtree(tmp_path)
        with pytest.raises(FileNotFoundError):
            flush(tmp_path)
