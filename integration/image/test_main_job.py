"""The main job, as the guide's user meets it: a Secret, a volume, a cache volume, and MinIO in a container."""

import os
from pathlib import Path

import pytest
from testcontainers.core.network import Network

from integration.image.conftest import minio_container, secret
from integration.image.pod import Pod
from integration.servers.certificates import issue
from integration.servers.minio import Minio
from tests import volumes

LONG_AGO = "2020-01-01T00:00:00Z"


@pytest.mark.parametrize("user", [0, 1000, 123456])
def test_from_a_missing_bucket_to_a_restored_volume(pod: Pod, user: int, minio: Minio, bucket: str) -> None:
    pod = pod.as_user(user).with_settings(RETAIN_LAST="1")

    first = pod.succeeds("backup")
    assert "created restic repository" in first.messages
    assert "config" in minio.objects(bucket)
    (pod.data / "new").write_text("new")
    second = pod.succeeds("backup")

    assert second.outcome["snapshot"]["new"] == 1
    assert second.operations == [("backup", "done"), ("forget", "done")]
    assert len(minio.objects(bucket, "snapshots/")) == 1, "retention should have forgotten the first"
    assert second.records[-1] == second.outcome, "the termination log holds what the log ends with"
    assert second.warnings == ""
    assert volumes.differences(pod.data, pod.restored(), owners=user == os.geteuid()) == []


def test_the_marker_on_the_cache_volume_remembers_the_prune(pod: Pod) -> None:
    due = pod.with_settings(PRUNE_INTERVAL_DAYS="7", LAST_PRUNED=LONG_AGO)

    assert due.succeeds("backup").operations == [("backup", "done"), ("prune", "done")]
    assert due.succeeds("backup").operations == [("backup", "done")]


def test_a_controller_may_call_it_as_volsync_does(pod: Pod) -> None:
    asked = pod.with_options("--entrypoint", "/mover-restic/entry.sh")

    assert asked.succeeds("unlock", "backup", "prune").operations[-1] == ("prune", "done")


def test_a_private_authority_is_trusted_where_it_is_mounted(
    pod: Pod, network: Network, bucket: str, tmp_path: Path
) -> None:
    made = issue(tmp_path / "certificates", "minio-tls")
    with minio_container(network, "minio-tls", tmp_path / "certificates") as server:
        tls = Pod(pod.folder, network.name, secret(server, f"s3:https://minio-tls:9000/{bucket}"), pod.cache)
        told = tls.with_settings(CUSTOM_CA="/ca.pem").with_options("--volume", f"{made.authority}:/ca.pem:ro")

        told.succeeds("backup")
        assert "CUSTOM_CA" in tls.fails(21, "backup").message


def test_a_region_is_asked_for(pod: Pod, network: Network, bucket: str) -> None:
    with minio_container(network, "minio-region", region="eu-central-1") as server:
        far = Pod(pod.folder, pod.network, secret(server, f"s3:http://minio-region:9000/{bucket}"), pod.cache)

        far.with_settings(AWS_DEFAULT_REGION="eu-central-1").succeeds("backup")


class TestABucket:
    def test_that_exists_is_used(self, pod: Pod, minio: Minio, bucket: str) -> None:
        minio.make_bucket(bucket)

        assert "created restic repository" in pod.succeeds("backup").messages

    def test_that_does_not_exist_is_not_made_by_a_restore(self, pod: Pod, minio: Minio, bucket: str) -> None:
        assert "the bucket does not exist" in pod.fails(10, "restore").message
        with minio.client() as client:
            assert not client.bucket_exists(bucket)

    def test_that_is_forbidden_is_told_at_once(self, pod: Pod, minio: Minio, bucket: str) -> None:
        minio.make_bucket(bucket)
        stranger = minio.user(bucket, [])
        denied = Pod(pod.folder, pod.network, secret(stranger, pod.secret["RESTIC_REPOSITORY"]), pod.cache)

        assert "check the credentials" in denied.fails(21, "backup").message
