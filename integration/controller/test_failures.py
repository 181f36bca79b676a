"""A failure is reported where users look, and retried only if that can succeed."""

from typing import Any

import pytest

from integration.controller.controller_process import ControllerProcess
from integration.controller.namespaces import DONE, TestNamespace, failure
from tests.support.manifests import resource
from tests.support.mover_process import wait_until

pytestmark = [pytest.mark.needs("kubernetes"), pytest.mark.usefixtures("running")]


@pytest.fixture(autouse=True)
def _volume_and_secret(test_namespace: TestNamespace) -> None:
    test_namespace.create_claim()
    test_namespace.create_secret()


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
def test_a_failure_has_the_message_of_the_mover_in_status_and_event(
    test_namespace: TestNamespace, outcome: str, code: int, reason: str
) -> None:
    source = test_namespace.create_source()
    message = f"It is {outcome}; do something about it"
    test_namespace.end_job(test_namespace.wait_for_job(source), failure(outcome, code, message))
    condition = test_namespace.wait_for_reason(source, reason)
    assert condition["status"] == "False"
    assert message in condition["message"]
    status = test_namespace.status(source)
    assert status["latestMoverStatus"]["result"] == "Failed"
    assert "lastManualSync" not in status
    assert "lastSyncTime" not in status
    test_namespace.wait_until(
        lambda: any(message in event[2] for event in test_namespace.events(source)), "an event reports it", source
    )
    assert [event[0] for event in test_namespace.events(source) if message in event[2]] == ["Warning"]


def test_an_oom_killed_mover_is_reported_as_out_of_memory(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source()
    test_namespace.end_job(test_namespace.wait_for_job(source), {}, exitCode=137, reason="OOMKilled")
    assert test_namespace.wait_for_reason(source, "OutOfMemory")["message"]


def test_a_mover_without_a_message_has_no_outcome(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source()
    test_namespace.end_job(test_namespace.wait_for_job(source), {}, exitCode=99)
    test_namespace.wait_for_reason(source, "NoOutcome")


def test_a_temporary_failure_is_retried_but_not_at_once(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source()
    first = test_namespace.wait_for_job(source)
    test_namespace.end_job(first, failure("unreachable", 22, "The backend can't be reached."))
    test_namespace.wait_for_reason(source, "Unreachable")
    assert {job["metadata"]["uid"] for job in test_namespace.jobs(source)} <= {first["metadata"]["uid"]}
    # It would be retried after a minute; a new trigger does not wait for that.
    test_namespace.change(source, trigger={"manual": "second"})
    test_namespace.end_job(test_namespace.wait_for_job(source, other_than=first))
    test_namespace.wait_for_sync(source, "second")


def test_a_permanent_failure_is_retried_as_soon_as_the_spec_changes(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source()
    first = test_namespace.wait_for_job(source)
    test_namespace.end_job(first, failure("wrong-password", 12, "The password is wrong."))
    test_namespace.wait_for_reason(source, "WrongPassword")
    test_namespace.create_secret("another-config")
    test_namespace.change(source, restic={"repository": "another-config"})
    second = test_namespace.wait_for_job(source, other_than=first)
    test_namespace.end_job(second)
    test_namespace.wait_for_sync(source)
    test_namespace.wait_for_reason(source, "WaitingForManual")


def test_a_partial_backup_counts_and_is_a_condition_of_its_own(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source()
    first = test_namespace.wait_for_job(source)
    partial = failure("partial", 3, "Three files could not be read: a, b, c.") | {"snapshot": DONE["snapshot"]}
    test_namespace.end_job(first, partial)
    test_namespace.wait_for_sync(source)
    assert "Three files" in test_namespace.wait_for_reason(source, "FilesUnreadable", "PartialBackup")["message"]
    test_namespace.change(source, trigger={"manual": "second"})
    test_namespace.end_job(test_namespace.wait_for_job(source, other_than=first))
    test_namespace.wait_for_sync(source, "second")
    test_namespace.wait_until(
        lambda: test_namespace.condition(source, "PartialBackup") == {}, "a complete backup takes it back", source
    )


def test_failed_maintenance_counts_and_is_a_condition_of_its_own(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source()
    said = failure("maintenance-failed", 20, "The prune failed.") | {"snapshot": DONE["snapshot"]}
    test_namespace.end_job(test_namespace.wait_for_job(source), said)
    test_namespace.wait_for_sync(source)
    assert "The prune failed." in test_namespace.wait_for_reason(source, "UpkeepFailed", "MaintenanceFailed")["message"]


def test_a_missing_secret_is_named_and_resolves_by_itself(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source(repository="not-yet")
    job = test_namespace.wait_for_job(source)
    test_namespace.keep_waiting(job, "CreateContainerConfigError", 'secret "not-yet" not found')
    assert 'secret "not-yet" not found' in test_namespace.wait_for_reason(source, "MoverNotStarting")["message"]
    test_namespace.end_job(job)
    test_namespace.wait_for_sync(source)


def test_a_missing_volume_is_named_and_resolves_by_itself(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source(spec={"sourcePVC": "not-yet"})
    assert "not-yet" in test_namespace.wait_for_reason(source, "VolumeMissing")["message"]
    assert test_namespace.jobs(source) == []
    test_namespace.create_claim("not-yet")
    assert test_namespace.wait_for_job(source)


def test_a_missing_class_is_named_and_resolves_by_itself(test_namespace: TestNamespace) -> None:
    name = f"class-{test_namespace.namespace}"
    source = test_namespace.create_source(copyMethod="Clone", storageClassName=name)
    assert name in test_namespace.wait_for_reason(source, "ClassMissing")["message"]
    made = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}}
    test_namespace.api.create(made | {"provisioner": "nobody.example"})
    assert test_namespace.wait_for_job(source)
    test_namespace.api.delete(made)


def test_a_missing_snapshot_class_is_named_and_resolves_by_itself(test_namespace: TestNamespace) -> None:
    name = f"class-{test_namespace.namespace}"
    source = test_namespace.create_source(copyMethod="Snapshot", volumeSnapshotClassName=name)
    assert name in test_namespace.wait_for_reason(source, "ClassMissing")["message"]
    made = {"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass", "metadata": {"name": name}}
    test_namespace.api.create(made | {"driver": "nobody.example", "deletionPolicy": "Delete"})
    test_namespace.wait_until(lambda: bool(test_namespace.snapshots(source)), "the snapshot is taken", source)
    test_namespace.api.delete(made)


def test_a_second_source_with_the_same_secret_waits_until_it_is_alone(
    test_namespace: TestNamespace,
) -> None:
    first = test_namespace.create_source("first")
    test_namespace.wait_for_job(first)
    second = test_namespace.create_source("second")
    assert "first" in test_namespace.wait_for_reason(second, "SameSecret", "RepositoryShared")["message"]
    assert test_namespace.jobs(second) == []
    test_namespace.api.delete(first)
    assert test_namespace.wait_for_job(second)


def test_an_exceeded_quota_is_reported_with_the_message_of_the_api_server(test_namespace: TestNamespace) -> None:
    quota = test_namespace.create("v1", "ResourceQuota", "none", spec={"hard": {"count/jobs.batch": "0"}})
    # Enforced as soon as its use is known, which is another controller's work: played.
    test_namespace.api.set_status(quota, {"hard": {"count/jobs.batch": "0"}, "used": {"count/jobs.batch": "0"}})
    source = test_namespace.create_source()
    assert "exceeded quota" in test_namespace.wait_for_reason(source, "RefusedByAPI")["message"]
    test_namespace.api.delete(quota)
    assert test_namespace.wait_for_job(source)


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


def test_no_resource_stops_the_controller(test_namespace: TestNamespace, running: ControllerProcess) -> None:
    taken = []
    for number, spec in enumerate(HOSTILE):
        name = f"hostile-{number}"
        if test_namespace.is_accepted({**resource(name=name, namespace=test_namespace.namespace), "spec": spec}):
            taken.append(name)
    good = test_namespace.create_source("good", repository="another")
    test_namespace.end_job(test_namespace.wait_for_job(good))
    test_namespace.wait_for_sync(good)
    for name in taken:
        wait_until(lambda name=name: bool(running.messages_about(name)), f"{name} is looked at")  # type: ignore[misc]
    assert [record["message"] for record in running.records if "exc_info" in record] == []
    assert running.probe("/healthz")[0] == 200
