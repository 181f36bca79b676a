"""What goes wrong is told where users look, and tried again only where that helps."""

from typing import Any

import pytest

from integration.controller.controller_process import ControllerProcess
from integration.controller.scene import DONE, GROUP, Scene, failed
from tests.mover_process import wait_until

pytestmark = [pytest.mark.needs("kubernetes"), pytest.mark.usefixtures("running")]


@pytest.fixture(autouse=True)
def _volume_and_secret(scene: Scene) -> None:
    scene.claim()
    scene.secret()


@pytest.mark.parametrize(
    ("outcome", "code", "reason"),
    [
        ("fault", 1, "Fault"),
        ("usage", 2, "Usage"),
        ("no-repository", 10, "NoRepository"),
        ("locked", 11, "Locked"),
        ("wrong-password", 12, "WrongPassword"),
        ("refused", 21, "Refused"),
        ("unreachable", 22, "Unreachable"),
        ("no-space", 23, "NoSpace"),
        ("damaged", 24, "Damaged"),
        ("out-of-memory", 26, "OutOfMemory"),
    ],
)
def test_a_failure_says_the_movers_sentence_in_status_and_event(
    scene: Scene, outcome: str, code: int, reason: str
) -> None:
    source = scene.source()
    sentence = f"It is {outcome}; do something about it."
    scene.ends(scene.job(source), failed(outcome, code, sentence))
    condition = scene.until_reason(source, reason)
    assert condition["status"] == "False"
    assert sentence in condition["message"]
    status = scene.status(source)
    assert status["latestMoverStatus"]["result"] == "Failed"
    assert "lastManualSync" not in status
    assert "lastSyncTime" not in status
    scene.until(lambda: any(sentence in event[2] for event in scene.events(source)), "an event tells it", source)
    assert [event[0] for event in scene.events(source) if sentence in event[2]] == ["Warning"]


def test_a_mover_killed_for_its_memory_is_out_of_memory(scene: Scene) -> None:
    source = scene.source()
    scene.ends(scene.job(source), {}, exitCode=137, reason="OOMKilled")
    assert scene.until_reason(source, "OutOfMemory")["message"]


def test_a_mover_that_says_nothing_is_told_as_such(scene: Scene) -> None:
    source = scene.source()
    scene.ends(scene.job(source), {}, exitCode=99)
    scene.until_reason(source, "NoOutcome")


def test_what_may_help_is_tried_again_but_not_at_once(scene: Scene) -> None:
    source = scene.source()
    first = scene.job(source)
    scene.ends(first, failed("unreachable", 22, "The backend can't be reached."))
    scene.until_reason(source, "Unreachable")
    assert {job["metadata"]["uid"] for job in scene.jobs(source)} <= {first["metadata"]["uid"]}
    # It would be tried again in a minute; who asks for another sync needs not wait for that.
    scene.change(source, trigger={"manual": "second"})
    scene.ends(scene.job(source, other_than=first))
    scene.until_synced(source, "second")


def test_what_somebody_has_to_mend_is_tried_again_as_soon_as_the_spec_changes(scene: Scene) -> None:
    source = scene.source()
    first = scene.job(source)
    scene.ends(first, failed("wrong-password", 12, "The password is wrong."))
    scene.until_reason(source, "WrongPassword")
    scene.secret("another-config")
    scene.change(source, restic={"repository": "another-config"})
    second = scene.job(source, other_than=first)
    scene.ends(second)
    scene.until_synced(source)
    scene.until_reason(source, "WaitingForManual")


def test_a_partial_backup_counts_and_is_a_condition_of_its_own(scene: Scene) -> None:
    source = scene.source()
    first = scene.job(source)
    partial = failed("partial", 3, "Three files could not be read: a, b, c.") | {"snapshot": DONE["snapshot"]}
    scene.ends(first, partial)
    scene.until_synced(source)
    assert "Three files" in scene.until_reason(source, "FilesUnreadable", "PartialBackup")["message"]
    scene.change(source, trigger={"manual": "second"})
    scene.ends(scene.job(source, other_than=first))
    scene.until_synced(source, "second")
    scene.until(lambda: scene.condition(source, "PartialBackup") == {}, "a complete backup takes it back", source)


def test_failed_maintenance_counts_and_is_a_condition_of_its_own(scene: Scene) -> None:
    source = scene.source()
    said = failed("maintenance-failed", 20, "The prune failed.") | {"snapshot": DONE["snapshot"]}
    scene.ends(scene.job(source), said)
    scene.until_synced(source)
    assert "The prune failed." in scene.until_reason(source, "UpkeepFailed", "MaintenanceFailed")["message"]


def test_a_missing_secret_is_named_and_resolves_by_itself(scene: Scene) -> None:
    source = scene.source(repository="not-yet")
    job = scene.job(source)
    scene.waits(job, "CreateContainerConfigError", 'secret "not-yet" not found')
    assert 'secret "not-yet" not found' in scene.until_reason(source, "MoverNotStarting")["message"]
    scene.ends(job)
    scene.until_synced(source)


def test_a_missing_volume_is_named_and_resolves_by_itself(scene: Scene) -> None:
    source = scene.source(spec={"sourcePVC": "not-yet"})
    assert "not-yet" in scene.until_reason(source, "VolumeMissing")["message"]
    assert scene.jobs(source) == []
    scene.claim("not-yet")
    assert scene.job(source)


def test_a_missing_class_is_named_and_resolves_by_itself(scene: Scene) -> None:
    name = f"class-{scene.namespace}"
    source = scene.source(copyMethod="Clone", storageClassName=name)
    assert name in scene.until_reason(source, "ClassMissing")["message"]
    made = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}}
    scene.api.create(made | {"provisioner": "nobody.example"})
    assert scene.job(source)
    scene.api.delete(made)


def test_a_missing_snapshot_class_is_named_and_resolves_by_itself(scene: Scene) -> None:
    name = f"class-{scene.namespace}"
    source = scene.source(copyMethod="Snapshot", volumeSnapshotClassName=name)
    assert name in scene.until_reason(source, "ClassMissing")["message"]
    made = {"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass", "metadata": {"name": name}}
    scene.api.create(made | {"driver": "nobody.example", "deletionPolicy": "Delete"})
    scene.until(lambda: bool(scene.snapshots(source)), "the snapshot is taken", source)
    scene.api.delete(made)


def test_of_two_sources_with_one_secret_the_second_does_not_start_until_it_is_alone(scene: Scene) -> None:
    first = scene.source("first")
    scene.job(first)
    second = scene.source("second")
    assert "first" in scene.until_reason(second, "SameSecret", "RepositoryShared")["message"]
    assert scene.jobs(second) == []
    scene.api.delete(first)
    assert scene.job(second)


def test_what_a_quota_refuses_is_told_in_the_api_servers_words(scene: Scene) -> None:
    quota = scene.make("v1", "ResourceQuota", "none", spec={"hard": {"count/jobs.batch": "0"}})
    # Enforced as soon as its use is known, which is another controller's work: played.
    scene.api.set_status(quota, {"hard": {"count/jobs.batch": "0"}, "used": {"count/jobs.batch": "0"}})
    source = scene.source()
    assert "exceeded quota" in scene.until_reason(source, "RefusedByAPI")["message"]
    scene.api.delete(quota)
    assert scene.job(source)


HOSTILE: list[dict[str, Any]] = [
    {},
    {"sourcePVC": None, "restic": None},
    {"sourcePVC": "mydata", "trigger": {"schedule": "0 0 31 2 *"}, "restic": {"repository": "restic-config"}},
    {"sourcePVC": "mydata", "restic": {"repository": "restic-config", "copyMethod": "Clone", "capacity": "1e400"}},
    {"sourcePVC": "x" * 300, "restic": {"repository": "../../etc", "copyMethod": "None"}},
    {"sourcePVC": "mydata", "restic": {"repository": "r", "copyMethod": "None", "moverAffinity": {"nodeAffinity": 7}}},
    {"sourcePVC": "mydata", "restic": {"repository": "r", "copyMethod": "None", "moverResources": {"limits": "all"}}},
    {"sourcePVC": "mydata", "restic": {"repository": "r", "copyMethod": "None"}, "rsync": {}},
]


def test_no_resource_stops_the_controller(scene: Scene, running: ControllerProcess) -> None:
    taken = []
    for number, spec in enumerate(HOSTILE):
        name = f"hostile-{number}"
        made = {"apiVersion": GROUP, "kind": "ReplicationSource", "spec": spec}
        metadata = {"namespace": scene.namespace, "name": name}
        if scene.is_taken({**made, "metadata": metadata}):
            taken.append(name)
    good = scene.source("good", repository="another")
    scene.ends(scene.job(good))
    scene.until_synced(good)
    for name in taken:
        wait_until(lambda name=name: bool(running.said(name)), f"{name} is looked at")  # type: ignore[misc]
    assert [record["message"] for record in running.records if "exc_info" in record] == []
    assert running.answers("/healthz")[0] == 200
