"""From the start of an attempt to its Job: what takes time is waited for, what is in the way is reported."""

from mover.controller.kube.kinds import JOB, VOLUME_SNAPSHOT
from tests.support.fake_cluster import FakeCluster
from tests.support.manifests import source


def test_a_capacity_smaller_than_the_snapshot_is_rejected() -> None:
    cluster = FakeCluster(source(copyMethod="Snapshot", capacity="1Gi"))
    cluster.settle()
    cluster.make_snapshots_ready()
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "VolumeUnusable"
    assert cluster.synchronizing()["message"].startswith("spec.restic.capacity: 1Gi ")
    assert "3Gi" in cluster.synchronizing()["message"]
    assert len(cluster.of(VOLUME_SNAPSHOT)) == 1, "it does not start again and again"


def test_a_failing_snapshot_is_reported_with_its_error() -> None:
    cluster = FakeCluster(source(copyMethod="Snapshot"))
    cluster.settle()
    cluster.of(VOLUME_SNAPSHOT)[0]["status"] = {"error": {"message": "no default class"}}
    cluster.remember()
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "SnapshotNotReady"
    assert "no default class" in cluster.synchronizing()["message"]


def test_a_deleted_job_is_created_again_only_once_its_pod_has_ended() -> None:
    cluster = FakeCluster(source({"manual": "once"}))
    cluster.settle()
    cluster.start_pod()
    cluster.delete(JOB, "scribe-src-photos")
    cluster.remember()
    cluster.settle()
    assert not cluster.of(JOB), "two movers would run at once"
    cluster.end_pod(143)
    cluster.run_mover()
    assert len(cluster.made) == 2
    assert cluster.status["lastManualSync"] == "once"
