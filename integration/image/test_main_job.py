"""The main job, as the guide's user meets it: a Secret, a volume, a cache volume, and MinIO in a container."""

import os
from pathlib import Path

import pytest
from testcontainers.core.network import Network

from integration.image.conftest import minio_container, secret
from integration.image.pod import Pod
from integration.servers.certificates import issue
from integration.servers.minio import Minio
from tests.support import volumes

LONG_AGO = "2020-01-01T00:00:00Z"


def is_there(server: Minio, bucket: str) -> bool:
    with server.client() as client:
        return client.bucket_exists(bucket)


@pytest.mark.parametrize("user", [0, 1000, 123456])
def test_a_backup_creates_its_bucket_and_a_restore_brings_the_volume_back(
    pod: Pod, user: int, minio: Minio, bucket: str
) -> None:
    pod = pod.as_user(user).with_settings(RETAIN_LAST="1")

    assert not is_there(minio, bucket)
    pod.succeeds("backup")
    assert "config" in minio.objects(bucket)
    (pod.data / "new").write_text("new")
    second = pod.succeeds("backup")

    assert second.outcome["snapshot"]["new"] == 1
    assert second.operations == [("backup", "done"), ("forget", "done")]
    assert len(minio.objects(bucket, "snapshots/")) == 1, "retention should have forgotten the first"
    assert second.records[-1] == second.outcome, "the termination log holds what the log ends with"
    assert second.warnings == ""
    assert volumes.differences(pod.data, pod.restored(), owners=user == os.geteuid()) == []


def test_the_marker_file_keeps_the_time_of_the_prune(pod: Pod) -> None:
    due = pod.with_settings(PRUNE_INTERVAL_DAYS="7", LAST_PRUNED=LONG_AGO)

    assert due.succeeds("backup").operations == [("backup", "done"), ("prune", "done")]
    assert due.succeeds("backup").operations == [("backup", "done")]


def test_the_image_has_the_entry_point_of_volsync(pod: Pod) -> None:
    asked = pod.with_options("--entrypoint", "/mover-restic/entry.sh")

    assert asked.succeeds("unlock", "backup", "prune").operations[-1] == ("prune", "done")


def test_a_private_authority_is_trusted_if_it_is_mounted(
    pod: Pod, network: Network, bucket: str, tmp_path: Path
) -> None:
    certificate = issue(tmp_path / "certificates", "minio-tls")
    with minio_container(network, "minio-tls", tmp_path / "certificates") as server:
        tls = Pod(pod.folder, network.name, secret(server, f"s3:https://minio-tls:9000/{bucket}"), pod.cache)
        trusting = tls.with_settings(CUSTOM_CA="/ca.pem").with_options(
            "--volume", f"{certificate.authority}:/ca.pem:ro"
        )

        trusting.succeeds("backup")
        assert "CUSTOM_CA" in tls.fails(21, "backup").message


def test_a_server_in_another_region_is_used(pod: Pod, network: Network, bucket: str) -> None:
    with minio_container(network, "minio-region", region="eu-central-1") as server:
        far = Pod(pod.folder, pod.network, secret(server, f"s3:http://minio-region:9000/{bucket}"), pod.cache)

        far.with_settings(AWS_DEFAULT_REGION="eu-central-1").succeeds("backup")


def test_an_existing_bucket_is_used(pod: Pod, minio: Minio, bucket: str) -> None:
    minio.make_bucket(bucket)

    pod.succeeds("backup")
    assert "config" in minio.objects(bucket)


def test_a_restore_does_not_create_a_missing_bucket(pod: Pod, minio: Minio, bucket: str) -> None:
    assert "RESTIC_REPOSITORY" in pod.fails(10, "restore").message
    assert not is_there(minio, bucket)


def test_a_forbidden_bucket_ends_the_run_at_once(pod: Pod, minio: Minio, bucket: str) -> None:
    minio.make_bucket(bucket)
    stranger = minio.user(bucket, [])
    denied = Pod(pod.folder, pod.network, secret(stranger, pod.secret["RESTIC_REPOSITORY"]), pod.cache)

    assert "Access Denied" in denied.fails(21, "backup").message, "the server's own words"
