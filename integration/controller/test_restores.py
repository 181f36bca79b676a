"""Restores from the resource to the image it leaves, with Kubernetes' own Job controller; the mover's end is played."""

import pytest

from integration.controller.namespaces import DONE, SNAPSHOTS, TestNamespace
from integration.controller.test_backups import claim_of, container, environment

pytestmark = [pytest.mark.needs("kubernetes"), pytest.mark.usefixtures("running")]

RESTORED = DONE | {
    "snapshot": None,
    "message": "snapshot a27ff990 restored: 381 entries, 107.592 KiB",
    "restored": {
        "id": "a27ff990" * 8,
        "time": "2026-11-23T09:23:31Z",
        "files": 350,
        "bytes": 110174,
        "found": 0,
        "complete": True,
    },
}


@pytest.fixture(autouse=True)
def _secret(test_namespace: TestNamespace) -> None:
    test_namespace.create_secret()


def test_an_existing_volume_is_restored_into_and_is_the_latest_image(test_namespace: TestNamespace) -> None:
    test_namespace.create_claim("datavol")
    destination = test_namespace.create_destination(destinationPVC="datavol")
    job = test_namespace.wait_for_job(destination)
    assert container(job)["args"] == ["restore"]
    assert claim_of(job, "/data") == "datavol"
    assert environment(job)["RESTORE_MISSING"] == "fail"
    test_namespace.end_job(job, RESTORED)
    image = test_namespace.wait_for_sync(destination)["latestImage"]
    assert (image["kind"], image["name"]) == ("PersistentVolumeClaim", "datavol")
    test_namespace.wait_for_reason(destination, "WaitingForManual")


def test_the_choice_of_the_snapshot_is_passed_to_the_mover(test_namespace: TestNamespace) -> None:
    test_namespace.create_claim("datavol")
    destination = test_namespace.create_destination(
        destinationPVC="datavol",
        previous=2,
        restoreAsOf="2026-01-31T12:00:00Z",
        enableFileDeletion=True,
        onMissingSnapshot="Continue",
    )
    job = test_namespace.wait_for_job(destination)
    given = environment(job)
    assert given["SELECT_PREVIOUS"] == "2"
    assert given["RESTORE_AS_OF"] == "2026-01-31T12:00:00Z"
    assert given["RESTORE_OPTIONS"] == "--delete"
    assert given["RESTORE_MISSING"] == "continue"


def test_a_volume_is_created_if_none_is_named_and_stays(test_namespace: TestNamespace) -> None:
    destination = test_namespace.create_destination(capacity="2Gi", accessModes=["ReadWriteOnce"])
    job = test_namespace.wait_for_job(destination)
    name = claim_of(job, "/data")
    assert test_namespace.claims(destination)[name]["spec"]["resources"]["requests"]["storage"] == "2Gi"
    test_namespace.end_job(job, RESTORED)
    assert test_namespace.wait_for_sync(destination)["latestImage"]["name"] == name
    assert name in test_namespace.claims(destination)


def test_a_missing_volume_is_named_and_resolves_by_itself(test_namespace: TestNamespace) -> None:
    destination = test_namespace.create_destination(destinationPVC="not-yet")
    assert "not-yet" in test_namespace.wait_for_reason(destination, "VolumeMissing")["message"]
    test_namespace.create_claim("not-yet")
    assert test_namespace.wait_for_job(destination)


def test_a_volume_in_use_is_not_restored_into_until_its_pod_has_gone(test_namespace: TestNamespace) -> None:
    test_namespace.create_claim("datavol")
    pod = test_namespace.create_pod_using("datavol", "web")
    destination = test_namespace.create_destination(destinationPVC="datavol")
    assert "web" in test_namespace.wait_for_reason(destination, "VolumeInUse")["message"]
    assert test_namespace.jobs(destination) == []
    test_namespace.delete_pod(pod)
    assert test_namespace.wait_for_job(destination)


def test_a_volume_in_use_is_restored_into_if_that_is_allowed(test_namespace: TestNamespace) -> None:
    test_namespace.create_claim("datavol")
    test_namespace.create_pod_using("datavol", "web")
    assert test_namespace.wait_for_job(test_namespace.create_destination(destinationPVC="datavol", allowInUse=True))


def test_the_old_snapshot_is_deleted_only_when_the_new_one_is_ready(test_namespace: TestNamespace) -> None:
    destination = test_namespace.create_destination(
        copyMethod="Snapshot", capacity="1Gi", accessModes=["ReadWriteOnce"]
    )
    first = test_namespace.wait_for_job(destination)
    test_namespace.end_job(first, RESTORED)
    test_namespace.wait_until(
        lambda: len(test_namespace.snapshots(destination)) == 1, "a snapshot is made", destination
    )
    (old,) = test_namespace.snapshots(destination)
    assert "lastManualSync" not in test_namespace.status(destination), "the image is published before it is ready"
    test_namespace.make_ready(old)
    image = test_namespace.wait_for_sync(destination)["latestImage"]
    assert image == {"apiGroup": SNAPSHOTS.split("/")[0], "kind": "VolumeSnapshot", "name": old["metadata"]["name"]}

    test_namespace.change(destination, trigger={"manual": "second"})
    test_namespace.end_job(test_namespace.wait_for_job(destination, other_than=first), RESTORED)
    test_namespace.wait_until(
        lambda: len(test_namespace.snapshots(destination)) == 2, "another snapshot is made", destination
    )
    (new,) = [s for s in test_namespace.snapshots(destination) if s["metadata"]["uid"] != old["metadata"]["uid"]]
    assert test_namespace.status(destination)["latestImage"] == image, "the image changes before there is another"
    test_namespace.make_ready(new)
    test_namespace.wait_for_sync(destination, "second")
    assert test_namespace.status(destination)["latestImage"]["name"] == new["metadata"]["name"]
    test_namespace.wait_until(
        lambda: len(test_namespace.snapshots(destination)) == 1, "the old snapshot goes", destination
    )
    assert test_namespace.snapshots(destination)[0]["metadata"]["uid"] == new["metadata"]["uid"]


def test_the_temporary_volumes_are_deleted_if_that_is_asked_for(test_namespace: TestNamespace) -> None:
    destination = test_namespace.create_destination(
        copyMethod="Snapshot",
        capacity="1Gi",
        accessModes=["ReadWriteOnce"],
        cleanupTempPVC=True,
        cleanupCachePVC=True,
    )
    test_namespace.end_job(test_namespace.wait_for_job(destination), RESTORED)
    test_namespace.wait_until(
        lambda: len(test_namespace.snapshots(destination)) == 1, "a snapshot is made", destination
    )
    test_namespace.make_ready(test_namespace.snapshots(destination)[0])
    test_namespace.wait_for_sync(destination)
    test_namespace.wait_until(lambda: test_namespace.claims(destination) == {}, "both volumes go", destination)
    assert len(test_namespace.snapshots(destination)) == 1


def test_a_missing_snapshot_of_the_repository_is_reported(test_namespace: TestNamespace) -> None:
    test_namespace.create_claim("datavol")
    destination = test_namespace.create_destination(destinationPVC="datavol")
    message = "There is no snapshot of this host and path"
    test_namespace.end_job(
        test_namespace.wait_for_job(destination),
        RESTORED | {"exitCode": 25, "outcome": "no-snapshot", "message": message},
    )
    assert message in test_namespace.wait_for_reason(destination, "NoSnapshot")["message"]
