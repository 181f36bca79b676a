"""Volumes, repositories and buckets without space: told with sizes, at best before anything is written."""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.servers.minio import Minio
from integration.servers.s3 import S3Server
from tests import volumes
from tests.mounts import mounted
from tests.mover_process import Mover

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
class TestARestoreIntoASmallVolume:
    @pytest.mark.fault("restore larger than the volume")
    def test_ends_before_it_writes_anything(self, large: Mover, small_volume: Path, verdict: int) -> None:
        result = large.into(small_volume).fails(verdict, "restore")
        assert "has 8.000 MiB free, and the snapshot needs 12.000 MiB more: make it larger by 4.000" in result.message
        assert list(small_volume.iterdir()) == []
        assert result.outcome["restored"] is None

    def test_counts_what_is_there_already(self, large: Mover, tmp_path: Path) -> None:
        volume = tmp_path / "larger"
        with mounted(volume, "-t", "tmpfs", "-o", "size=13m", "tmpfs"):
            for number in range(2):
                shutil.copy(large.data / f"file {number}", volume)
            large.into(volume).succeeds("restore")
            assert volumes.differences(large.data, volume) == []

    @pytest.mark.fault("volume full in the middle of a restore")
    def test_that_is_told_to_try_says_how_far_it_came(self, large: Mover, small_volume: Path, verdict: int) -> None:
        target = large.into(small_volume)
        result = target.fails(verdict, "restore", RESTORE_OPTIONS="--exclude=/nothing")
        assert "unless RESTORE_OPTIONS spare some of it" in result.warnings
        assert "The volume is full; make it larger" in result.message
        assert result.outcome["restored"]["complete"] is False

    def test_can_be_of_a_part_that_fits(self, large: Mover, small_volume: Path) -> None:
        large.into(small_volume).succeeds("restore", RESTORE_OPTIONS="--include=/file?1")
        assert [path.name for path in small_volume.iterdir()] == ["file 1"]


@pytest.mark.needs("root")
class TestARepositoryOnAFullDisk:
    @pytest.mark.fault("disk of the repository full")
    def test_ends_a_backup_and_keeps_what_it_had(self, fresh: Mover, tmp_path: Path, verdict: int) -> None:
        with mounted(fresh.repository, "-t", "tmpfs", "-o", "size=4m", "tmpfs"):
            first = fresh.succeeds("backup").outcome["snapshot"]["id"]
            (fresh.data / "large").write_bytes(os.urandom(12 * MEBI))
            result = fresh.fails(verdict, "backup")
            assert "There is no space left where the repository is; make room" in result.message
            assert fresh.ids() == [first]
            (fresh.data / "large").unlink()
            fresh.into(tmp_path / "target").succeeds("restore")
            assert volumes.differences(fresh.data, tmp_path / "target") == []


@pytest.mark.needs("minio")
class TestABucketWithAQuota:
    @pytest.mark.fault("bucket over its quota")
    def test_ends_a_backup(self, fresh: Mover, s3: S3Server, verdict: int) -> None:
        assert isinstance(s3, Minio)
        bucket = f"limited-{secrets.token_hex(6)}"
        s3.make_bucket(bucket)
        s3.limit(bucket, MEBI)
        (fresh.data / "large").write_bytes(os.urandom(4 * MEBI))
        result = fresh.fails(verdict, "backup", **s3.environment(), RESTIC_REPOSITORY=s3.repository(bucket))
        assert "raise its quota" in result.message
