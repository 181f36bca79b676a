"""One sync from its trigger to its end, over all the kinds of copies."""

from typing import Any

import pytest

from mover.controller.kube.writes import Create, Delete, PatchStatus
from tests.support.fake_cluster import FakeCluster
from tests.support.manifests import Object, destination, source

CACHE = "PersistentVolumeClaim scribe-src-photos-cache"
OWN_VOLUME: dict[str, Any] = {"destinationPVC": None, "capacity": "3Gi", "accessModes": ["ReadWriteOnce"]}


@pytest.mark.parametrize("copy_method", ["None", "Direct", "Clone", "Snapshot"])
def test_a_backup_leaves_only_its_cache(copy_method: str) -> None:
    cluster = FakeCluster(source({"manual": "once"}, copyMethod=copy_method))
    cluster.run_mover()
    assert cluster.owned() == [CACHE]
    assert cluster.status["lastManualSync"] == "once"
    assert cluster.synchronizing()["reason"] == "WaitingForManual"


@pytest.mark.parametrize(
    ("made", "image"),
    [
        (destination(), {"apiGroup": "", "kind": "PersistentVolumeClaim", "name": "data"}),
        (
            destination(**OWN_VOLUME),
            {"apiGroup": "", "kind": "PersistentVolumeClaim", "name": "scribe-dst-photos-data"},
        ),
        (
            destination(copyMethod="Snapshot", **OWN_VOLUME),
            {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "scribe-dst-photos-1"},
        ),
    ],
)
def test_a_restore_sets_its_latest_image(made: Object, image: Object) -> None:
    cluster = FakeCluster(made)
    cluster.run_mover()
    assert cluster.status["latestImage"] == image


def test_a_repeated_backup_without_a_copy_takes_four_requests() -> None:
    cluster = FakeCluster(source({"schedule": "*/30 * * * *"}))
    cluster.run_mover()
    cluster.later(minutes=30)
    started, looked = cluster.step(), cluster.step()
    cluster.start_pod()
    running = cluster.step()
    cluster.end_pod()
    ended, rested = cluster.step(), cluster.step()
    assert [type(write) for write in started.writes] == [PatchStatus, Create]
    assert [type(write) for write in ended.writes] == [PatchStatus, Delete]
    assert looked.writes == running.writes == rested.writes == ()


def test_a_repeated_backup_of_a_snapshot_takes_nine_requests() -> None:
    cluster = FakeCluster(source({"schedule": "*/30 * * * *"}, copyMethod="Snapshot"))
    cluster.run_mover()
    cluster.later(minutes=30)
    before = len(cluster.history)
    steps = [cluster.step()]
    cluster.make_snapshots_ready()
    steps += [cluster.step(), cluster.step()]
    cluster.start_pod()
    cluster.end_pod()
    steps += [cluster.step(), cluster.step()]
    assert len(cluster.history) > before
    assert sum(len(step.writes) for step in steps) <= 9


def test_the_old_snapshot_of_a_destination_is_deleted_when_the_new_one_is_ready() -> None:
    cluster = FakeCluster(destination(copyMethod="Snapshot", **OWN_VOLUME))
    cluster.run_mover()
    first = cluster.status["latestImage"]["name"]
    cluster.edit(trigger={"manual": "twice"})
    cluster.settle()
    cluster.start_pod()
    cluster.end_pod()
    cluster.settle()
    assert f"VolumeSnapshot {first}" in cluster.owned()
    assert cluster.status["latestImage"]["name"] == first
    cluster.make_snapshots_ready()
    cluster.settle()
    second = cluster.status["latestImage"]["name"]
    assert second != first
    assert [name for name in cluster.owned() if name.startswith("VolumeSnapshot")] == [f"VolumeSnapshot {second}"]
