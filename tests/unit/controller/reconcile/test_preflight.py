"""What keeps a sync from starting is a condition that names it, and resolves by itself."""

from typing import Any

import pytest

from mover.controller.kube.kinds import JOB, POD, VOLUME_CLAIM
from tests.support.fake_cluster import FakeCluster
from tests.support.manifests import Object, claim, destination, resource, source, user_pod

OWN: dict[str, Any] = {"destinationPVC": None, "capacity": "3Gi", "accessModes": ["ReadWriteOnce"]}


def blocked(cluster: FakeCluster, reason: str, *names: str) -> None:
    """Assert that nothing starts, for this reason, and that the message has the names of what is in the way."""
    cluster.settle()
    assert cluster.synchronizing()["reason"] == reason, cluster.synchronizing()
    assert_names(cluster, *names)
    assert [event.reason for event in cluster.events] == [reason]
    assert not cluster.made


def assert_names(cluster: FakeCluster, *names: str) -> None:
    words = cluster.synchronizing()["message"].replace(":", " ").replace(";", " ").split()
    assert set(names) <= set(words), cluster.synchronizing()["message"]


def test_a_missing_volume_is_reported_until_it_exists() -> None:
    cluster = FakeCluster(source({"manual": "once"}))
    del cluster.objects[VOLUME_CLAIM, "data"]
    cluster.remember()
    blocked(cluster, "VolumeMissing", "PersistentVolumeClaim", "data", "spec.sourcePVC")
    cluster.objects[VOLUME_CLAIM, "data"] = claim()
    cluster.remember()
    cluster.run_mover()
    assert cluster.status["lastManualSync"] == "once"


@pytest.mark.parametrize(
    ("restic", "names"),
    [
        ({"cacheStorageClassName": "none"}, ("StorageClass", "none", "scribe-src-photos-cache")),
        ({"copyMethod": "Clone", "storageClassName": "none"}, ("StorageClass", "none", "scribe-src-photos-copy")),
        ({"copyMethod": "Snapshot", "volumeSnapshotClassName": "none"}, ("VolumeSnapshotClass", "none")),
    ],
)
def test_a_missing_class_is_reported_with_its_name(restic: Object, names: tuple[str, ...]) -> None:
    blocked(FakeCluster(source({"manual": "once"}, **restic)), "ClassMissing", *names)


def test_a_block_volume_is_rejected() -> None:
    cluster = FakeCluster(source())
    cluster.objects[VOLUME_CLAIM, "data"] = claim(volumeMode="Block")
    cluster.remember()
    blocked(cluster, "VolumeUnusable", "data", "volumeMode", "Block")


@pytest.mark.parametrize("kind", [JOB, VOLUME_CLAIM])
def test_an_object_that_is_not_managed_is_not_changed(kind: Any) -> None:  # noqa: ANN401
    name = "scribe-src-photos" if kind is JOB else "scribe-src-photos-cache"
    cluster = FakeCluster(source())
    cluster.objects[kind, name] = {"kind": kind.name, "metadata": {"name": name, "uid": "u"}, "spec": {}, "status": {}}
    cluster.remember()
    blocked(cluster, "NameTaken", kind.name, name)
    assert cluster.objects[kind, name]["metadata"]["uid"] == "u"


def test_a_volume_in_use_is_restored_only_if_that_is_allowed() -> None:
    cluster = FakeCluster(destination())
    cluster.objects[POD, "app"] = user_pod()
    cluster.remember()
    blocked(cluster, "VolumeInUse", "app", "data", "allowInUse")
    cluster.objects[POD, "app"] = user_pod(phase="Succeeded")
    cluster.remember()
    cluster.settle()
    assert len(cluster.made) == 1
    allowed = FakeCluster(destination(allowInUse=True))
    allowed.objects[POD, "app"] = user_pod()
    allowed.remember()
    allowed.settle()
    assert len(allowed.made) == 1


def test_a_volume_in_use_is_backed_up() -> None:
    cluster = FakeCluster(source())
    cluster.objects[POD, "app"] = user_pod()
    cluster.remember()
    cluster.settle()
    assert len(cluster.made) == 1


def test_of_two_sources_with_one_secret_only_the_older_one_syncs() -> None:
    older = source()
    older["metadata"] |= {"name": "zoo", "creationTimestamp": "2025-01-01T00:00:00Z"}
    cluster = FakeCluster(source({"manual": "once"}))
    for _ in range(3):
        cluster.step_with(sources=(cluster.resource, older))
    assert cluster.synchronizing()["reason"] == "RepositoryShared"
    assert cluster.condition("RepositoryShared")["status"] == "True"
    assert_names(cluster, "zoo", "restic-config")
    assert not cluster.made
    cluster.settle()
    assert not cluster.condition("RepositoryShared")
    assert len(cluster.made) == 1


def test_invalid_sources_share_no_repository() -> None:
    others = (
        resource(sourcePVC="x"),
        {**resource(), "spec": "odd"},
        resource(restic=[]),
        resource(restic={"repository": 1}),
    )
    for other in others:
        other["metadata"] = {**other["metadata"], "name": "a", "creationTimestamp": "2025-01-01T00:00:00Z"}
    cluster = FakeCluster(source())
    for _ in range(3):
        cluster.step_with(sources=(cluster.resource, *others))
    assert len(cluster.made) == 1


def test_a_cluster_without_the_snapshot_api_is_reported() -> None:
    cluster = FakeCluster(source(copyMethod="Snapshot"))
    cluster.step_with(snapshots=None)
    assert cluster.synchronizing()["reason"] == "SnapshotsUnsupported"
