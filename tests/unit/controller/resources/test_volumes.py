"""What the volumes of a sync are like, and what becomes of them."""

import re
from typing import Any

import pytest

from mover.controller.api.quantity import read_bytes
from mover.controller.kube.kinds import VOLUME_CLAIM, VOLUME_SNAPSHOT
from tests.support.fake_cluster import FakeCluster
from tests.support.manifests import Object, claim, destination, source

CACHE = "scribe-src-photos-cache"
COPY = "scribe-src-photos-copy"
OWN: dict[str, Any] = {"destinationPVC": None, "capacity": "3Gi", "accessModes": ["ReadWriteOnce"]}


def made(cluster: FakeCluster, name: str) -> Object:
    cluster.settle()
    cluster.make_snapshots_ready()
    cluster.settle()
    spec: Object = cluster.objects[VOLUME_CLAIM, name]["spec"]
    return spec


def volume(size: str, mode: str, storage_class: str) -> Object:
    return {
        "accessModes": [mode],
        "resources": {"requests": {"storage": size}},
        "storageClassName": storage_class,
    }


@pytest.mark.parametrize(
    ("restic", "cache"),
    [
        ({}, volume("1Gi", "ReadWriteOnce", "fast")),
        ({"storageClassName": "slow"}, volume("1Gi", "ReadWriteOnce", "slow")),
        ({"storageClassName": "slow", "cacheStorageClassName": "fast"}, volume("1Gi", "ReadWriteOnce", "fast")),
        ({"accessModes": ["ReadWriteMany"]}, volume("1Gi", "ReadWriteMany", "fast")),
        (
            {"accessModes": ["ReadWriteMany"], "cacheAccessModes": ["ReadWriteOncePod"], "cacheCapacity": "5Gi"},
            volume("5Gi", "ReadWriteOncePod", "fast"),
        ),
        ({"accessModes": ["ReadOnlyMany"]}, volume("1Gi", "ReadWriteOnce", "fast")),
    ],
)
def test_the_cache_is_as_documented(restic: Object, cache: Object) -> None:
    cluster = FakeCluster(source(**restic))
    for _ in range(3):
        cluster.step_with(storage_classes=({"metadata": {"name": "fast"}}, {"metadata": {"name": "slow"}}))
    assert cluster.objects[VOLUME_CLAIM, CACHE]["spec"] == cache


def test_the_cache_of_a_read_only_volume_is_writable() -> None:
    cluster = FakeCluster(source())
    cluster.objects[VOLUME_CLAIM, "data"] = claim(accessModes=["ReadOnlyMany"])
    cluster.remember()
    assert made(cluster, CACHE)["accessModes"] == ["ReadWriteOnce"]
    job = cluster.job()
    assert job is not None
    data = job["spec"]["template"]["spec"]["volumes"][0]
    assert data["persistentVolumeClaim"] == {"claimName": "data", "readOnly": True}


def test_a_clone_has_the_fields_of_its_source_by_default() -> None:
    reference = {"kind": "PersistentVolumeClaim", "name": "data"}
    plain = volume("3Gi", "ReadWriteOnce", "fast") | {"dataSource": reference}
    assert made(FakeCluster(source(copyMethod="Clone")), COPY) == plain
    requested = FakeCluster(source(copyMethod="Clone", capacity="4Gi", accessModes=["ReadOnlyMany"]))
    assert made(requested, COPY) == volume("4Gi", "ReadOnlyMany", "fast") | {"dataSource": reference}


def test_a_copy_has_the_current_size_of_its_volume() -> None:
    cluster = FakeCluster(source(copyMethod="Clone"))
    cluster.objects[VOLUME_CLAIM, "data"]["status"]["capacity"] = {"storage": "9Gi"}
    cluster.remember()
    assert made(cluster, COPY)["resources"]["requests"]["storage"] == "9Gi"


def test_a_copy_by_snapshot_is_a_snapshot_and_a_volume_made_from_it() -> None:
    cluster = FakeCluster(source(copyMethod="Snapshot", volumeSnapshotClassName="snaps"))
    spec = made(cluster, COPY)
    assert cluster.objects[VOLUME_SNAPSHOT, COPY]["spec"] == {
        "source": {"persistentVolumeClaimName": "data"},
        "volumeSnapshotClassName": "snaps",
    }
    assert spec["dataSource"] == {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": COPY}


def test_each_attempt_makes_its_own_copy() -> None:
    cluster = FakeCluster(source({"manual": "once"}, copyMethod="Clone"))
    cluster.settle()
    first = cluster.objects[VOLUME_CLAIM, COPY]["metadata"]["uid"]
    cluster.run_mover(22)
    cluster.later(minutes=1)
    cluster.settle()
    assert cluster.objects[VOLUME_CLAIM, COPY]["metadata"]["uid"] != first


def test_the_volume_of_a_destination_has_the_requested_size_and_access_modes() -> None:
    cluster = FakeCluster(destination(**OWN))
    requested = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "3Gi"}}}
    assert made(cluster, "scribe-dst-photos-data") == requested


def test_a_volume_grows_on_request_and_never_shrinks() -> None:
    cluster = FakeCluster(source({"manual": "once"}))
    cluster.run_mover()
    cluster.objects[VOLUME_CLAIM, CACHE]["status"] = {"phase": "Bound"}
    cluster.remember()
    restic = {**cluster.resource["spec"]["restic"], "cacheCapacity": "2Gi"}
    cluster.edit(restic=restic, trigger={"manual": "twice"})
    cluster.run_mover()
    assert cluster.objects[VOLUME_CLAIM, CACHE]["spec"]["resources"]["requests"]["storage"] == "2Gi"
    cluster.edit(restic={**restic, "cacheCapacity": "1500Mi"})
    cluster.settle()
    assert cluster.condition("VolumeSize")["reason"] == "CannotShrink"
    assert cluster.condition("VolumeSize")["message"].startswith("spec.restic.cacheCapacity: 1500Mi ")
    assert cluster.objects[VOLUME_CLAIM, CACHE]["spec"]["resources"]["requests"]["storage"] == "2Gi"


def test_a_volume_that_cannot_grow_is_reported_and_blocks_no_sync() -> None:
    cluster = FakeCluster(source({"manual": "once"}))
    cluster.run_mover()
    cluster.objects[VOLUME_CLAIM, CACHE]["spec"]["storageClassName"] = "rigid"
    cluster.remember()
    cluster.edit(restic={**cluster.resource["spec"]["restic"], "cacheCapacity": "2Gi"}, trigger={"manual": "twice"})
    cluster.run_mover()
    assert cluster.condition("VolumeSize")["reason"] == "CannotGrow"
    assert cluster.status["lastManualSync"] == "twice"


def test_a_destination_deletes_its_volumes_on_request() -> None:
    cluster = FakeCluster(destination(copyMethod="Snapshot", cleanupTempPVC=True, cleanupCachePVC=True, **OWN))
    cluster.run_mover()
    assert cluster.owned() == ["VolumeSnapshot scribe-dst-photos-1"]


def test_the_restored_volume_itself_is_kept() -> None:
    cluster = FakeCluster(destination(cleanupTempPVC=True, **OWN))
    cluster.run_mover()
    assert "PersistentVolumeClaim scribe-dst-photos-data" in cluster.owned()


def test_a_volume_created_by_the_user_is_never_deleted() -> None:
    cluster = FakeCluster(destination(cleanupTempPVC=True, copyMethod="Snapshot"))
    cluster.run_mover()
    assert (VOLUME_CLAIM, "data") in cluster.objects


def test_a_snapshot_labeled_do_not_delete_is_released() -> None:
    cluster = FakeCluster(destination(copyMethod="Snapshot", **OWN))
    cluster.run_mover()
    name = cluster.status["latestImage"]["name"]
    cluster.objects[VOLUME_SNAPSHOT, name]["metadata"]["labels"]["scribe.backube/do-not-delete"] = ""
    cluster.remember()
    cluster.edit(trigger={"manual": "twice"})
    cluster.run_mover()
    kept = cluster.objects[VOLUME_SNAPSHOT, name]["metadata"]
    assert kept["ownerReferences"] == []
    assert len(cluster.of(VOLUME_SNAPSHOT)) == 2


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1Gi", 2**30),
        ("1.5Ki", 1536),
        ("1e3", 1000),
        ("1E", 10**18),
        ("5", 5),
        ("100m", 1),
        ("2k", 2000),
        (".5M", 500_000),
    ],
)
def test_quantities_are_read_as_kubernetes_does(text: str, size: int) -> None:
    assert read_bytes(text) == size


@pytest.mark.parametrize("text", ["", "-1", "1 Gi", "1gi", "e3", "1e999999999", "٣"])
def test_text_that_is_not_a_quantity_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        read_bytes(text)
