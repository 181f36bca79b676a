"""Backups from the resource to its status, with Kubernetes' own Job controller; the mover's end is played."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration.controller.api import Resource
from integration.controller.controller_process import IMAGE
from integration.controller.namespaces import DONE, TestNamespace

pytestmark = [pytest.mark.needs("kubernetes"), pytest.mark.usefixtures("running")]


@pytest.fixture(autouse=True)
def _volume_and_secret(test_namespace: TestNamespace) -> None:
    test_namespace.create_claim()
    test_namespace.create_secret()


def container(job: Resource) -> dict[str, Any]:
    (found,) = job["spec"]["template"]["spec"]["containers"]
    return dict(found)


def environment(job: Resource) -> dict[str, str]:
    return {entry["name"]: entry.get("value", "") for entry in container(job).get("env") or []}


def claim_of(job: Resource, mount: str) -> str:
    """Return the claim that the mover has mounted there."""
    (volume,) = [m["name"] for m in container(job)["volumeMounts"] if m["mountPath"] == mount]
    volumes = {v["name"]: v for v in job["spec"]["template"]["spec"]["volumes"]}
    return str(volumes[volume]["persistentVolumeClaim"]["claimName"])


def time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_manual_backup_runs_once_and_its_status_has_the_result(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source()
    job = test_namespace.wait_for_job(source)
    assert container(job)["args"] == ["backup"]
    assert test_namespace.wait_for_reason(source, "SyncInProgress")["status"] == "True"
    assert test_namespace.status(source)["lastSyncStartTime"]
    test_namespace.end_job(job, DONE | {"pruned": {"time": "2026-11-24T12:00:02Z"}})
    status = test_namespace.wait_for_sync(source)
    assert test_namespace.wait_for_reason(source, "WaitingForManual")["status"] == "False"
    assert status["latestMoverStatus"]["result"] == "Successful"
    assert "44141578" in status["latestMoverStatus"]["logs"]
    assert status["restic"]["lastPruned"] == "2026-11-24T12:00:02Z"
    assert status["lastSyncDuration"]
    assert "lastSyncStartTime" not in status
    assert "nextSyncTime" not in status
    test_namespace.wait_until(lambda: test_namespace.jobs(source) == [], "the Job is cleaned up", source)


def test_the_job_has_the_image_settings_and_privileges_of_the_contract(test_namespace: TestNamespace) -> None:
    job = test_namespace.wait_for_job(
        test_namespace.create_source(
            retain={"daily": 7, "within": "1y"}, pruneIntervalDays=14, excludes=["*.tmp", "/x"]
        )
    )
    spec, pod = job["spec"], job["spec"]["template"]["spec"]
    assert container(job)["image"] == IMAGE
    assert container(job)["envFrom"] == [{"secretRef": {"name": "restic-config"}}]
    assert spec["backoffLimit"] == 0
    assert spec["podReplacementPolicy"] == "Failed"
    first, *_ = spec["podFailurePolicy"]["rules"]
    assert (first["action"], first["onPodConditions"][0]["type"]) == ("Ignore", "DisruptionTarget")
    assert pod["terminationGracePeriodSeconds"] == 90
    assert pod["automountServiceAccountToken"] is False
    assert container(job)["securityContext"]["readOnlyRootFilesystem"] is True
    assert container(job)["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    expected = {"PRUNE_INTERVAL_DAYS": "14", "RETAIN_DAILY": "7", "RETAIN_WITHIN": "1y", "BACKUP_EXCLUDE": "*.tmp\n/x"}
    assert expected.items() <= environment(job).items()


def test_a_scheduled_backup_starts_at_once_and_then_follows_its_schedule(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source(spec={"trigger": {"schedule": "0 3 * * *"}})
    test_namespace.end_job(test_namespace.wait_for_job(source))
    test_namespace.wait_for_reason(source, "WaitingForSchedule")
    status = test_namespace.status(source)
    following = time(status["nextSyncTime"])
    assert (following.hour, following.minute) == (3, 0)
    assert timedelta(0) < following - datetime.now(UTC) <= timedelta(days=1)
    assert time(status["lastSyncTime"]) <= datetime.now(UTC)


def test_a_missed_backup_is_started_at_once(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source(spec={"trigger": {"schedule": "0 3 * * *"}})
    first = test_namespace.wait_for_job(source)
    test_namespace.end_job(first)
    test_namespace.wait_for_reason(source, "WaitingForSchedule")
    test_namespace.api.set_status(source, {"lastSyncTime": "2026-01-01T03:00:00Z"})
    assert test_namespace.wait_for_job(source, other_than=first)


def test_a_changed_schedule_changes_the_next_sync(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source(spec={"trigger": {"schedule": "0 3 * * *"}})
    test_namespace.end_job(test_namespace.wait_for_job(source))
    test_namespace.wait_for_reason(source, "WaitingForSchedule")
    test_namespace.change(source, trigger={"schedule": "30 4 * * *"})
    test_namespace.wait_until(
        lambda: "T04:30:00" in test_namespace.status(source)["nextSyncTime"], "the next sync is another", source
    )


def test_without_a_trigger_the_next_backup_does_not_start_at_once(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source(spec={"trigger": None})
    first = test_namespace.wait_for_job(source)
    test_namespace.end_job(first)
    test_namespace.wait_for_reason(source, "WaitingForNext")
    assert "nextSyncTime" not in test_namespace.status(source)
    test_namespace.api.set_status(source, {"lastSyncTime": "2026-01-01T03:00:00Z"})
    assert test_namespace.wait_for_job(source, other_than=first)


def test_a_paused_source_starts_a_backup_only_when_it_is_unpaused(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source(spec={"paused": True})
    test_namespace.wait_for_reason(source, "Paused")
    assert test_namespace.jobs(source) == []
    test_namespace.change(source, paused=False)
    assert test_namespace.wait_for_job(source)["spec"]["parallelism"] == 1


def test_pausing_lets_a_running_backup_complete(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source()
    job = test_namespace.wait_for_job(source)
    test_namespace.change(source, paused=True)
    test_namespace.end_job(job)
    test_namespace.wait_for_sync(source)
    test_namespace.wait_for_reason(source, "Paused")


def test_the_tag_that_started_a_backup_is_recorded_and_a_new_one_starts_the_next(
    test_namespace: TestNamespace,
) -> None:
    source = test_namespace.create_source()
    first = test_namespace.wait_for_job(source)
    test_namespace.change(source, trigger={"manual": "second"})
    test_namespace.end_job(first)
    test_namespace.wait_for_sync(source, "first")
    test_namespace.end_job(test_namespace.wait_for_job(source, other_than=first))
    test_namespace.wait_for_sync(source, "second")
    test_namespace.wait_for_reason(source, "WaitingForManual")


def test_copy_method_clone_backs_up_a_temporary_copy(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source(copyMethod="Clone")
    job = test_namespace.wait_for_job(source)
    copy = test_namespace.claims(source)[claim_of(job, "/data")]
    origin = copy["spec"]["dataSource"]
    assert (origin["kind"], origin["name"]) == ("PersistentVolumeClaim", "mydata")
    assert copy["spec"]["resources"]["requests"]["storage"] == "1Gi"
    assert copy["spec"]["accessModes"] == ["ReadWriteOnce"]
    test_namespace.end_job(job)
    test_namespace.wait_for_sync(source)
    test_namespace.wait_until(
        lambda: list(test_namespace.claims(source)) == [claim_of(job, "/cache")], "only the cache stays", source
    )


def test_copy_method_snapshot_backs_up_a_temporary_volume_made_from_a_snapshot(
    test_namespace: TestNamespace,
) -> None:
    source = test_namespace.create_source(copyMethod="Snapshot", capacity="2Gi")
    test_namespace.wait_until(lambda: bool(test_namespace.snapshots(source)), "the snapshot is taken", source)
    (snapshot,) = test_namespace.snapshots(source)
    assert snapshot["spec"]["source"] == {"persistentVolumeClaimName": "mydata"}
    assert test_namespace.jobs(source) == [], "the mover starts before there is anything to back up"
    test_namespace.make_ready(snapshot)
    job = test_namespace.wait_for_job(source)
    copy = test_namespace.claims(source)[claim_of(job, "/data")]
    assert copy["spec"]["dataSource"]["kind"] == "VolumeSnapshot"
    assert copy["spec"]["resources"]["requests"]["storage"] == "2Gi"
    test_namespace.end_job(job)
    test_namespace.wait_for_sync(source)
    test_namespace.wait_until(
        lambda: list(test_namespace.claims(source)) == [claim_of(job, "/cache")], "only the cache stays", source
    )
    test_namespace.wait_until(lambda: test_namespace.snapshots(source) == [], "the snapshot goes", source)


@pytest.mark.parametrize("method", ["None", "Direct"])
def test_copy_methods_none_and_direct_back_up_the_volume_itself(test_namespace: TestNamespace, method: str) -> None:
    source = test_namespace.create_source(copyMethod=method)
    assert claim_of(test_namespace.wait_for_job(source), "/data") == "mydata"


def test_the_mover_runs_on_the_node_that_has_the_volume_mounted(test_namespace: TestNamespace) -> None:
    test_namespace.create_pod_using("mydata")
    pod = test_namespace.wait_for_job(test_namespace.create_source())["spec"]["template"]["spec"]
    assert "node-a" in str(pod), "the mover may be put on a node where it can't mount the volume"
    assert {"key": "storage", "operator": "Exists", "effect": "NoSchedule"} in pod["tolerations"]


def test_the_cache_volume_stays_for_the_next_backup(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source()
    first = test_namespace.wait_for_job(source)
    cache = test_namespace.claims(source)[claim_of(first, "/cache")]
    assert cache["spec"]["resources"]["requests"]["storage"] == "1Gi"
    assert cache["spec"]["accessModes"] == ["ReadWriteOnce"]
    test_namespace.end_job(first)
    test_namespace.wait_for_sync(source)
    test_namespace.change(source, trigger={"manual": "second"})
    second = test_namespace.wait_for_job(source, other_than=first)
    again = test_namespace.claims(source)[claim_of(second, "/cache")]
    assert again["metadata"]["uid"] == cache["metadata"]["uid"]


def test_the_cache_volume_of_a_read_only_volume_is_writable(test_namespace: TestNamespace) -> None:
    test_namespace.create_claim("library", accessModes=["ReadOnlyMany"])
    source = test_namespace.create_source(spec={"sourcePVC": "library"}, cacheCapacity="3Gi")
    job = test_namespace.wait_for_job(source)
    cache = test_namespace.claims(source)[claim_of(job, "/cache")]
    assert cache["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert cache["spec"]["resources"]["requests"]["storage"] == "3Gi"


def test_a_smaller_cache_capacity_is_a_condition_and_backups_go_on(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source(cacheCapacity="2Gi")
    first = test_namespace.wait_for_job(source)
    test_namespace.end_job(first)
    test_namespace.wait_for_sync(source)
    test_namespace.change(source, restic={"cacheCapacity": "1Gi"}, trigger={"manual": "second"})
    test_namespace.end_job(test_namespace.wait_for_job(source, other_than=first))
    test_namespace.wait_for_sync(source, "second")
    problem = test_namespace.wait_for_reason(source, "CannotShrink", "VolumeSize")["message"]
    assert problem.startswith("spec.restic.cacheCapacity: ")


def test_a_source_without_retain_has_a_condition(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source(retain=None)
    job = test_namespace.wait_for_job(source)
    assert not [name for name in environment(job) if name.startswith("RETAIN_")]
    test_namespace.wait_for_reason(source, "NoRetain", "NothingForgotten")


def test_the_time_of_the_last_prune_is_passed_to_the_next_mover(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source()
    first = test_namespace.wait_for_job(source)
    assert environment(first)["PRUNE_INTERVAL_DAYS"] == "7"
    test_namespace.end_job(first, DONE | {"pruned": {"time": "2026-11-24T12:00:02Z"}})
    test_namespace.wait_for_sync(source)
    test_namespace.change(source, trigger={"manual": "second"})
    second = test_namespace.wait_for_job(source, other_than=first)
    assert environment(second)["LAST_PRUNED"] == "2026-11-24T12:00:02Z"
    assert container(second)["args"] == ["backup"], "prune is the mover's own decision"


def test_each_new_unlock_text_unlocks_once_before_the_backup(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source(unlock="now")
    first = test_namespace.wait_for_job(source)
    assert container(first)["args"] == ["unlock", "backup"]
    test_namespace.end_job(first)
    assert test_namespace.wait_for_sync(source)["restic"]["lastUnlocked"] == "now"
    test_namespace.change(source, trigger={"manual": "second"})
    second = test_namespace.wait_for_job(source, other_than=first)
    assert container(second)["args"] == ["backup"]


def test_a_running_job_is_not_changed(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source()
    job = test_namespace.wait_for_job(source)
    test_namespace.change(source, restic={"pruneIntervalDays": 1, "excludes": ["*.tmp"]})
    test_namespace.end_job(job)
    test_namespace.wait_for_sync(source)
    assert {j["metadata"]["uid"] for j in test_namespace.jobs(source)} <= {job["metadata"]["uid"]}


def test_the_longest_allowed_name_works(test_namespace: TestNamespace) -> None:
    source = test_namespace.create_source("a" * 253)
    job = test_namespace.wait_for_job(source)
    assert len(job["metadata"]["name"]) <= 63
    test_namespace.end_job(job)
    test_namespace.wait_for_sync(source)


def test_a_source_and_a_destination_of_the_same_name_do_not_collide(test_namespace: TestNamespace) -> None:
    test_namespace.create_claim("other")
    source, destination = (
        test_namespace.create_source("same"),
        test_namespace.create_destination("same", destinationPVC="other"),
    )
    test_namespace.end_job(test_namespace.wait_for_job(source))
    test_namespace.end_job(test_namespace.wait_for_job(destination))
    test_namespace.wait_for_sync(source)
    test_namespace.wait_for_sync(destination)


def test_the_pod_has_what_the_mover_fields_of_the_resource_ask_for(test_namespace: TestNamespace) -> None:
    test_namespace.create("v1", "ServiceAccount", "cloud")
    test_namespace.create_claim("nas")
    job = test_namespace.wait_for_job(
        test_namespace.create_source(
            moverSecurityContext={"runAsUser": 1000, "fsGroup": 1000},
            moverServiceAccount="cloud",
            moverResources={"limits": {"memory": "512Mi"}},
            moverPodLabels={"team": "photos"},
            moverVolumes=[{"mountPath": "nas", "volumeSource": {"persistentVolumeClaim": {"claimName": "nas"}}}],
            customCA={"secretName": "authority", "key": "ca.crt"},
        )
    )
    template = job["spec"]["template"]
    assert template["spec"]["securityContext"]["runAsUser"] == 1000
    assert template["spec"]["serviceAccountName"] == "cloud"
    assert template["metadata"]["labels"]["team"] == "photos"
    assert container(job)["resources"]["limits"]["memory"] == "512Mi"
    assert claim_of(job, "/mnt/nas") == "nas"
    assert environment(job)["CUSTOM_CA"]
