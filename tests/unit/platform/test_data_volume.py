"""The data volume: its entries, and what is no volume."""

import shutil
from pathlib import Path

import pytest

from mover.exit_codes import ExitCode, Failure
from mover.platform.data_volume import entries, flush, free_bytes


def test_entries_are_the_names_at_the_root_without_lost_and_found(tmp_path: Path) -> None:
    for name in ("b", ".hidden", "lost+found", "a/lost+found"):
        (tmp_path / name).mkdir(parents=True)
    assert entries(tmp_path) == [".hidden", "a", "b"]


@pytest.mark.parametrize(
    ("name", "reason"), [("missing", "no such file or directory"), ("file", "not a directory"), ("x" * 300, "long")]
)
def test_a_volume_that_is_not_a_directory_is_a_usage_failure_not_an_empty_one(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match=reason) as failure:
        entries(tmp_path / name)
    assert failure.value.code is ExitCode.USAGE
    assert str(tmp_path / name) in failure.value.message


def test_a_volume_has_free_bytes(tmp_path: Path) -> None:
    assert free_bytes(tmp_path)


def test_free_bytes_are_unknown_if_the_file_system_has_no_size() -> None:
    assert free_bytes(Path("/proc")) is None, "a volume of unknown size is not a full one"


def test_a_volume_can_be_flushed(tmp_path: Path) -> None:
    flush(tmp_path)


def test_flushing_a_missing_volume_raises_an_error(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path)
    with pytest.raises(FileNotFoundError):
        flush(tmp_path)
