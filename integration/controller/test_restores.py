"""Restores from the resource to the image it leaves, with Kubernetes' own Job controller; the mover's end is played."""

import pytest

from integration.controller.scene import DONE, SNAPSHOTS, Scene
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
def _secret(scene: Scene) -> None:
    scene.secret()


def test_a_volume_that_is_there_is_restored_into_and_is_the_image(scene: Scene) -> None:
    scene.claim("datavol")
    destination = scene.destination(destinationPVC="datavol")
    job = scene.job(destination)
    assert container(job)["args"] == ["restore"]
    assert claim_of(job, "/data") == "datavol"
    assert environment(job)["RESTORE_MISSING"] == "fail"
    scene.ends(job, RESTORED)
    image = scene.until_synced(destination)["latestImage"]
    assert (image["kind"], image["name"]) == ("PersistentVolumeClaim", "datavol")
    scene.until_reason(destination, "WaitingForManual")


def test_which_snapshot_and_how_is_handed_on(scene: Scene) -> None:
    scene.claim("datavol")
    destination = scene.destination(
        destinationPVC="datavol",
        previous=2,
        restoreAsOf="2026-01-31T12:00:00Z",
        enableFileDeletion=True,
        onMissingSnapshot="Continue",
    )
    job = scene.job(destination)
    given = environment(job)
    assert given["SELECT_PREVIOUS"] == "2"
    assert given["RESTORE_AS_OF"] == "2026-01-31T12:00:00Z"
    assert given["RESTORE_OPTIONS"] == "--delete"
    assert given["RESTORE_MISSING"] == "continue"


def test_a_volume_is_made_where_none_is_named_and_stays(scene: Scene) -> None:
    destination = scene.destination(capacity="2Gi", accessModes=["ReadWriteOnce"])
    job = scene.job(destination)
    name = claim_of(job, "/data")
    assert scene.claims(destination)[name]["spec"]["resources"]["requests"]["storage"] == "2Gi"
    scene.ends(job, RESTORED)
    assert scene.until_synced(destination)["latestImage"]["name"] == name
    assert name in scene.claims(destination)


def test_a_missing_volume_is_named_and_resolves_by_itself(scene: Scene) -> None:
    destination = scene.destination(destinationPVC="not-yet")
    assert "not-yet" in scene.until_reason(destination, "VolumeMissing")["message"]
    scene.claim("not-yet")
    assert scene.job(destination)


def test_a_volume_that_a_pod_uses_is_not_restored_over_until_the_pod_has_gone(scene: Scene) -> None:
    scene.claim("datavol")
    pod = scene.user("datavol", "web")
    destination = scene.destination(destinationPVC="datavol")
    assert "web" in scene.until_reason(destination, "VolumeInUse")["message"]
    assert scene.jobs(destination) == []
    scene.gone(pod)
    assert scene.job(destination)


def test_a_volume_in_use_is_restored_over_where_that_is_allowed(scene: Scene) -> None:
    scene.claim("datavol")
    scene.user("datavol", "web")
    assert scene.job(scene.destination(destinationPVC="datavol", allowInUse=True))


def test_the_old_snapshot_goes_only_when_the_new_one_is_ready(scene: Scene) -> None:
    destination = scene.destination(copyMethod="Snapshot", capacity="1Gi", accessModes=["ReadWriteOnce"])
    first = scene.job(destination)
    scene.ends(first, RESTORED)
    scene.until(lambda: len(scene.snapshots(destination)) == 1, "a snapshot is made", destination)
    (old,) = scene.snapshots(destination)
    assert "lastManualSync" not in scene.status(destination), "the image is told before it is ready"
    scene.ready(old)
    image = scene.until_synced(destination)["latestImage"]
    assert image == {"apiGroup": SNAPSHOTS.split("/")[0], "kind": "VolumeSnapshot", "name": old["metadata"]["name"]}

    scene.change(destination, trigger={"manual": "second"})
    scene.ends(scene.job(destination, other_than=first), RESTORED)
    scene.until(lambda: len(scene.snapshots(destination)) == 2, "another snapshot is made", destination)
    (new,) = [s for s in scene.snapshots(destination) if s["metadata"]["uid"] != old["metadata"]["uid"]]
    assert scene.status(destination)["latestImage"] == image, "the image changes before there is another"
    scene.ready(new)
    scene.until_synced(destination, "second")
    assert scene.status(destination)["latestImage"]["name"] == new["metadata"]["name"]
    scene.until(lambda: len(scene.snapshots(destination)) == 1, "the old snapshot goes", destination)
    assert scene.snapshots(destination)[0]["metadata"]["uid"] == new["metadata"]["uid"]


def test_what_was_made_for_the_restore_goes_where_that_is_asked_for(scene: Scene) -> None:
    destination = scene.destination(
        copyMethod="Snapshot",
        capacity="1Gi",
        accessModes=["ReadWriteOnce"],
        cleanupTempPVC=True,
        cleanupCachePVC=True,
    )
    scene.ends(scene.job(destination), RESTORED)
    scene.until(lambda: len(scene.snapshots(destination)) == 1, "a snapshot is made", destination)
    scene.ready(scene.snapshots(destination)[0])
    scene.until_synced(destination)
    scene.until(lambda: scene.claims(destination) == {}, "both volumes go", destination)
    assert len(scene.snapshots(destination)) == 1


def test_a_missing_snapshot_of_the_repository_is_told(scene: Scene) -> None:
    scene.claim("datavol")
    destination = scene.destination(destinationPVC="datavol")
    sentence = "There is no snapshot of this host and path."
    scene.ends(scene.job(destination), RESTORED | {"exitCode": 25, "outcome": "no-snapshot", "message": sentence})
    assert sentence in scene.until_reason(destination, "NoSnapshot")["message"]
