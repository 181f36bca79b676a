"""Ends that nobody wants: stopped, killed, out of memory, mounted wrongly."""

import os

import pytest

from integration.image.pod import Pod, docker
from integration.servers.minio import Minio
from tests.mover_process import wait_until

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


class TestABackup:
    def test_that_is_stopped_leaves_no_lock(self, busy: Pod, minio: Minio, bucket: str) -> None:
        container = in_the_middle(busy, minio, bucket)

        docker("stop", container)
        result = busy.ended(container)

        assert result.exit_code == 143, result.text
        assert result.outcome["outcome"] == "terminated"
        assert minio.objects(bucket, "locks/") == []
        busy.succeeds("backup")

    def test_that_is_killed_is_recovered_from_by_the_next(self, busy: Pod, minio: Minio, bucket: str) -> None:
        container = in_the_middle(busy, minio, bucket)

        docker("kill", container)
        assert busy.ended(container).exit_code == 137
        assert minio.objects(bucket, "locks/"), "a killed restic can't remove its lock"
        result = busy.succeeds("backup")

        assert minio.objects(bucket, "locks/") == []
        assert "was killed" in result.warnings
        busy.with_settings(CHECK_SUBSETS="1").succeeds("check")


class TestMemory:
    def test_of_256_megabytes_is_enough(self, pod: Pod) -> None:
        for number in range(2000):
            (pod.data / f"file {number}").write_bytes(os.urandom(2000))

        pod.with_options("--memory", "256m", "--memory-swap", "256m").succeeds("backup", "prune")

    def test_that_is_too_little_is_told(self, pod: Pod) -> None:
        pod.succeeds("backup")
        (pod.data / "large").write_bytes(os.urandom(64 * MIB))

        result = pod.with_options("--memory", "40m", "--memory-swap", "40m").run("backup")

        assert result.exit_code == 26, result.text
        assert "40.000 MiB" in result.message


class TestAMount:
    def test_that_is_missing_is_named(self, pod: Pod) -> None:
        result = pod.fails(2, "backup", mounts=(f"{pod.cache}:/cache",))

        assert "DATA_DIR is '/data': mount the volume there" in result.text

    def test_that_nobody_can_write_a_cache_to_is_named_in_a_warning(self, pod: Pod) -> None:
        closed = pod.folder / "closed"
        closed.mkdir(mode=0o755)
        mounts = (f"{pod.data}:/data", f"{closed}:/cache", f"{pod.termination_log}:/dev/termination-log")

        result = pod.as_user(123456).run("backup", mounts=mounts)

        assert result.exit_code == 0, result.text
        assert "RESTIC_CACHE_DIR (/cache)" in result.warnings
        assert "user 123456 can write" in result.warnings


def test_a_missing_secret_is_named(pod: Pod) -> None:
    bare = Pod(pod.folder, pod.network, {}, pod.cache)

    result = bare.fails(2, "backup")

    assert "RESTIC_REPOSITORY is not set" in result.message
    assert "RESTIC_PASSWORD is not set" in result.message
