"""What keeps a sync from starting is a condition that names it, and resolves by itself."""

from typing import Any

import pytest

from mover.controller.kube.kinds import JOB, POD, VOLUME_CLAIM, VOLUME_SNAPSHOT
from tests.unit.controller.cluster import Cluster, Object, claim, destination, resource, source, user_pod

OWN: dict[str, Any] = {"destinationPVC": None, "capacity": "3Gi", "accessModes": ["ReadWriteOnce"]}


def blocked(cluster: Cluster, reason: str, told: str) -> None:
    cluster.settle()
    assert cluster.synchronizing()["reason"] == reason, cluster.synchronizing()
    assert told in cluster.synchronizing()["message"]
    assert [event.reason for event in cluster.events] == [reason]
    assert not cluster.made


def test_a_missing_volume_is_named_and_waited_for() -> None:
    cluster = Cluster(source({"manual": "once"}))
    del cluster.objects[VOLUME_CLAIM, "data"]
    cluster.remember()
    blocked(cluster, "VolumeMissing", "The PersistentVolumeClaim data does not exist.")
    cluster.objects[VOLUME_CLAIM, "data"] = claim()
    cluster.remember()
    cluster.run_mover()
    assert cluster.status["lastManualSync"] == "once"


@pytest.mark.parametrize(
    ("restic", "told"),
    [
        ({"cacheStorageClassName": "none"}, "There is no StorageClass none, which the volume scribe-src-photos-cache"),
        ({"copyMethod": "Clone", "storageClassName": "none"}, "There is no StorageClass none"),
        ({"copyMethod": "Snapshot", "volumeSnapshotClassName": "none"}, "There is no VolumeSnapshotClass none."),
    ],
)
def test_a_missing_class_is_named(restic: Object, told: str) -> None:
    blocked(Cluster(source({"manual": "once"}, **restic)), "ClassMissing", told)


def test_a_block_volume_is_refused() -> None:
    cluster = Cluster(source())
    cluster.objects[VOLUME_CLAIM, "data"] = claim(volumeMode="Block")
    cluster.remember()
    blocked(cluster, "VolumeUnusable", "is a block device")


def test_a_capacity_that_can_not_hold_the_copy_is_refused() -> None:
    cluster = Cluster(source(copyMethod="Snapshot", capacity="1Gi"))
    cluster.settle()
    cluster.make_snapshots_ready()
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "VolumeUnusable"
    assert "capacity is 1Gi, and the copy of data needs 3Gi" in cluster.synchronizing()["message"]
    assert len(cluster.of(VOLUME_SNAPSHOT)) == 1, "it does not start again and again"


@pytest.mark.parametrize("kind", [JOB, VOLUME_CLAIM])
def test_an_object_of_somebody_else_is_left_alone(kind: Any) -> None:  # noqa: ANN401
    name = "scribe-src-photos" if kind is JOB else "scribe-src-photos-cache"
    cluster = Cluster(source())
    cluster.objects[kind, name] = {"kind": kind.name, "metadata": {"name": name, "uid": "u"}, "spec": {}, "status": {}}
    cluster.remember()
    blocked(cluster, "NameTaken", f"There is a {kind} {name} that belongs to somebody else")
    assert cluster.objects[kind, name]["metadata"]["uid"] == "u"


def test_a_volume_in_use_is_not_restored_over_unless_that_is_allowed() -> None:
    cluster = Cluster(destination())
    cluster.objects[POD, "app"] = user_pod()
    cluster.remember()
    blocked(cluster, "VolumeInUse", "The pod app has the volume data mounted")
    cluster.objects[POD, "app"] = user_pod(phase="Succeeded")
    cluster.remember()
    cluster.settle()
    assert len(cluster.made) == 1
    allowed = Cluster(destination(allowInUse=True))
    allowed.objects[POD, "app"] = user_pod()
    allowed.remember()
    allowed.settle()
    assert len(allowed.made) == 1


def test_a_volume_in_use_is_backed_up() -> None:
    cluster = Cluster(source())
    cluster.objects[POD, "app"] = user_pod()
    cluster.remember()
    cluster.settle()
    assert len(cluster.made) == 1


def test_of_two_sources_with_one_secret_only_the_older_one_starts() -> None:
    older = source()
    older["metadata"] |= {"name": "zoo", "creationTimestamp": "2025-01-01T00:00:00Z"}
    cluster = Cluster(source({"manual": "once"}))
    for _ in range(3):
        cluster.step_with(sources=(cluster.resource, older))
    assert cluster.synchronizing()["reason"] == "RepositoryShared"
    assert cluster.condition("RepositoryShared")["status"] == "True"
    assert "ReplicationSource zoo uses the Secret restic-config too" in cluster.synchronizing()["message"]
    assert not cluster.made
    cluster.settle()
    assert not cluster.condition("RepositoryShared")
    assert len(cluster.made) == 1


def test_sources_without_restic_or_of_any_shape_share_nothing() -> None:
    others = (
        resource(sourcePVC="x"),
        {**resource(), "spec": "odd"},
        resource(restic=[]),
        resource(restic={"repository": 1}),
    )
    for other in others:
        other["metadata"] = {**other["metadata"], "name": "a", "creationTimestamp": "2025-01-01T00:00:00Z"}
    cluster = Cluster(source())
    for _ in range(3):
        cluster.step_with(sources=(cluster.resource, *others))
    assert len(cluster.made) == 1


def test_a_cluster_without_snapshots_is_told_apart_from_one_that_has_none_yet() -> None:
    cluster = Cluster(source(copyMethod="Snapshot"))
    cluster.step_with(snapshots=None)
    assert cluster.synchronizing()["reason"] == "SnapshotsUnsupported"


def test_a_snapshot_that_can_not_be_made_says_why() -> None:
    cluster = Cluster(source(copyMethod="Snapshot"))
    cluster.settle()
    cluster.of(VOLUME_SNAPSHOT)[0]["status"] = {"error": {"message": "no default class"}}
    cluster.remember()
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "SnapshotNotReady"
    assert "no default class" in cluster.synchronizing()["message"]


def test_a_missing_secret_shows_as_what_kubernetes_says_of_the_pod() -> None:
    cluster = Cluster(source({"manual": "once"}))
    cluster.settle()
    cluster.start_pod()
    pod = cluster.mover()
    assert pod is not None
    waiting = {"reason": "CreateContainerConfigError", "message": 'secret "restic-config" not found'}
    pod["status"] = {"phase": "Pending", "containerStatuses": [{"name": "mover", "state": {"waiting": waiting}}]}
    cluster.remember()
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "MoverNotStarting"
    assert cluster.synchronizing()["status"] == "True"
    assert 'secret "restic-config" not found' in cluster.synchronizing()["message"]
    cluster.edit(restic={**cluster.resource["spec"]["restic"], "repository": "other"})
    cluster.settle()
    del cluster.objects[POD, pod["metadata"]["name"]]
    cluster.remember()
    cluster.settle()
    job = cluster.job()
    assert job is not None
    container = job["spec"]["template"]["spec"]["containers"][0]
    assert container["envFrom"] == [{"secretRef": {"name": "other"}}], "the Job that could not start is made anew"


def test_a_job_without_a_pod_is_told_after_a_minute() -> None:
    cluster = Cluster(source())
    cluster.settle()
    cluster.later(minutes=1)
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "MoverNotStarting"
    assert "kubectl describe job scribe-src-photos" in cluster.synchronizing()["message"]


def test_what_the_api_server_refuses_is_told_and_not_tried_at_once() -> None:
    cluster = Cluster(source())
    cluster.step()
    decision = cluster.step_with(refusal="jobs is forbidden: exceeded quota")
    assert cluster.synchronizing()["reason"] == "RefusedByAPI"
    assert "exceeded quota" in cluster.synchronizing()["message"]
    assert cluster.step_with(refusal="jobs is forbidden: exceeded quota").writes == ()
    assert "exceeded quota" in decision.sentence
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "SyncInProgress"


def test_a_resource_that_is_being_deleted_is_left_to_go() -> None:
    cluster = Cluster(source())
    cluster.resource["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    cluster.remember()
    assert cluster.step().writes == ()


def test_without_retain_a_condition_says_that_nothing_is_forgotten() -> None:
    cluster = Cluster(source(retain=None))
    cluster.settle()
    assert cluster.condition("NothingForgotten")["status"] == "True"
    cluster.edit(restic={**cluster.resource["spec"]["restic"], "retain": {"daily": 7}})
    cluster.settle()
    assert not cluster.condition("NothingForgotten")
    assert not Cluster(destination()).condition("NothingForgotten")


def test_a_job_that_was_deleted_is_made_again_only_once_its_pod_has_ended() -> None:
    cluster = Cluster(source({"manual": "once"}))
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
