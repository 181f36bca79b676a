"""Ends that nobody wants: stopped, killed, out of memory, mounted wrongly."""

import os

import pytest

from integration.image.pod import Pod, docker
from integration.servers.minio import Minio
from mover.warning_reasons import WarningReason
from tests.support.mover_process import wait_until

MIB = 1024 * 1024


@pytest.fixture
def busy(pod: Pod) -> Pod:
    """A pod with so much to back up, and so little of a core, that it is busy for a while."""
    pod.succeeds("backup")
    (pod.data / "large").write_bytes(os.urandom(256 * MIB))
    return pod.with_options("--cpus", "0.3")


def in_the_middle(pod: Pod, minio: Minio, bucket: str) -> str:
    """Start a backup and wait until a part of it is uploaded; return the container."""
    before = len(minio.objects(bucket, "data/"))
    container = pod.start("backup")
    wait_until(lambda: len(minio.objects(bucket, "data/")) > before, "a pack is uploaded")
    return container


def test_a_stopped_backup_leaves_no_lock(busy: Pod, minio: Minio, bucket: str) -> None:
    container = in_the_middle(busy, minio, bucket)

    docker("stop", container)
    result = busy.ended(container)

    assert result.exit_code == 143, result.text
    assert result.outcome["outcome"] == "terminated"
    assert minio.objects(bucket, "locks/") == []
    busy.succeeds("backup")


def test_the_next_backup_recovers_from_a_killed_one(busy: Pod, minio: Minio, bucket: str) -> None:
    container = in_the_middle(busy, minio, bucket)

    docker("kill", container)
    assert busy.ended(container).exit_code == 137
    assert minio.objects(bucket, "locks/"), "a killed restic cannot remove its lock"
    result = busy.succeeds("backup")

    assert minio.objects(bucket, "locks/") == []
    assert WarningReason.UNFINISHED_RUN in result.reasons
    busy.with_settings(CHECK_SUBSETS="1").succeeds("check")


def test_256_megabytes_of_memory_are_enough(pod: Pod) -> None:
    for number in range(2000):
        (pod.data / f"file {number}").write_bytes(os.urandom(2000))

    pod.with_options("--memory", "256m", "--memory-swap", "256m").succeeds("backup", "prune")


def test_an_oom_killed_backup_is_reported_with_its_memory_limit(pod: Pod) -> None:
    pod.succeeds("backup")
    (pod.data / "large").write_bytes(os.urandom(64 * MIB))

    result = pod.with_options("--memory", "40m", "--memory-swap", "40m").run("backup")

    assert result.exit_code == 26, result.text
    assert "40.0 MiB" in result.message


def test_a_missing_data_volume_is_reported(pod: Pod) -> None:
    result = pod.fails(2, "backup", mounts=(f"{pod.cache}:/cache",))

    assert "DATA_DIR" in result.text
    assert "/data" in result.text


def test_an_unwritable_cache_volume_is_a_warning(pod: Pod) -> None:
    closed = pod.folder / "closed"
    closed.mkdir(mode=0o755)
    mounts = (f"{pod.data}:/data", f"{closed}:/cache", f"{pod.termination_log}:/dev/termination-log")

    result = pod.as_user(123456).run("backup", mounts=mounts)

    assert result.exit_code == 0, result.text
    assert "RESTIC_CACHE_DIR" in result.warnings
    assert "/cache" in result.warnings
    assert "123456" in result.warnings


def test_a_missing_secret_is_reported(pod: Pod) -> None:
    bare = Pod(pod.folder, pod.network, {}, pod.cache)

    result = bare.fails(2, "backup")

    assert "RESTIC_REPOSITORY" in result.message
    assert "RESTIC_PASSWORD" in result.message
