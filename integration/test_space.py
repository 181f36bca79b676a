"""Volumes, repositories and buckets without space: reported with sizes, if possible before anything is written."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.servers.minio import Minio
from integration.servers.s3 import S3Server
from mover.warning_reasons import WarningReason
from tests.support import volumes
from tests.support.mounts import mounted
from tests.support.mover_process import Mover

MEBI = 1024 * 1024


@pytest.fixture
def large(mover: Mover) -> Mover:
    """A mover with a snapshot of twelve megabytes, in four files."""
    for number in range(4):
        (mover.data / f"file {number}").write_bytes(os.urandom(3 * MEBI))
    mover.succeeds("backup")
    return mover


@pytest.fixture
def small_volume(tmp_path: Path) -> Iterator[Path]:
    """A volume of eight megabytes."""
    with mounted(tmp_path / "target", "-t", "tmpfs", "-o", "size=8m", "tmpfs"):
        yield tmp_path / "target"


@pytest.mark.needs("root")
@pytest.mark.fault("restore larger than the volume")
def test_a_restore_larger_than_the_volume_ends_before_it_writes_anything(
    large: Mover, small_volume: Path, exit_code: int
) -> None:
    result = large.into(small_volume).fails(exit_code, "restore")
    assert re.findall(r"[\d.]+ MiB", result.message) == ["8.0 MiB", "12.0 MiB", "4.0 MiB"], "free, needed, missing"
    assert list(small_volume.iterdir()) == []
    assert result.outcome["restored"] is None


@pytest.mark.needs("root")
def test_files_that_are_there_already_need_no_space_in_a_restore(large: Mover, tmp_path: Path) -> None:
    volume = tmp_path / "larger"
    with mounted(volume, "-t", "tmpfs", "-o", "size=13m", "tmpfs"):
        for number in range(2):
            shutil.copy(large.data / f"file {number}", volume)
        large.into(volume).succeeds("restore")
        assert volumes.differences(large.data, volume) == []


@pytest.mark.needs("root")
@pytest.mark.fault("volume full in the middle of a restore")
def test_a_restore_that_fills_the_volume_reports_that_it_is_incomplete(
    large: Mover, small_volume: Path, exit_code: int
) -> None:
    target = large.into(small_volume)
    result = target.fails(exit_code, "restore", RESTORE_OPTIONS="--exclude=/nothing")
    assert result.reasons == [WarningReason.SPACE_MAY_NOT_SUFFICE]
    assert "DATA_DIR" in result.message
    assert result.outcome["restored"]["complete"] is False


@pytest.mark.needs("root")
def test_a_part_that_fits_is_restored_into_a_small_volume(large: Mover, small_volume: Path) -> None:
    large.into(small_volume).succeeds("restore", RESTORE_OPTIONS="--include=/file?1")
    assert [path.name for path in small_volume.iterdir()] == ["file 1"]


@pytest.mark.needs("root")
@pytest.mark.fault("disk of the repository full")
def test_a_full_disk_of_the_repository_ends_a_backup_and_loses_nothing(
    fresh: Mover, tmp_path: Path, exit_code: int
) -> None:
    with mounted(fresh.repository, "-t", "tmpfs", "-o", "size=4m", "tmpfs"):
        first = fresh.succeeds("backup").outcome["snapshot"]["id"]
        (fresh.data / "large").write_bytes(os.urandom(12 * MEBI))
        result = fresh.fails(exit_code, "backup")
        assert "no space left on device" in result.message
        assert "DATA_DIR" not in result.message, "the volume has space"
        assert fresh.ids() == [first]
        (fresh.data / "large").unlink()
        fresh.into(tmp_path / "target").succeeds("restore")
        assert volumes.differences(fresh.data, tmp_path / "target") == []


@pytest.mark.needs("minio")
@pytest.mark.fault("bucket over its quota")
def test_a_bucket_over_its_quota_ends_a_backup(fresh: Mover, s3: S3Server, exit_code: int) -> None:
    assert isinstance(s3, Minio)
    bucket = f"limited-{secrets.token_hex(6)}"
    s3.make_bucket(bucket)
    s3.limit(bucket, MEBI)
    (fresh.data / "large").write_bytes(os.urandom(4 * MEBI))
    result = fresh.fails(exit_code, "backup", **s3.environment(), RESTIC_REPOSITORY=s3.repository(bucket))
    assert "quota" in result.message
