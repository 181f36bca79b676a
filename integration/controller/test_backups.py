"""Backups from the resource to its status, with Kubernetes' own Job controller; the mover's end is played."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration.controller.api import Resource
from integration.controller.controller_process import IMAGE
from integration.controller.scene import DONE, Scene

pytestmark = [pytest.mark.needs("kubernetes"), pytest.mark.usefixtures("running")]


@pytest.fixture(autouse=True)
def _volume_and_secret(scene: Scene) -> None:
    scene.claim()
    scene.secret()


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


def test_a_manual_backup_runs_once_and_says_how_it_ended(scene: Scene) -> None:
    source = scene.source()
    job = scene.job(source)
    assert container(job)["args"] == ["backup"]
    assert scene.until_reason(source, "SyncInProgress")["status"] == "True"
    assert scene.status(source)["lastSyncStartTime"]
    scene.ends(job, DONE | {"pruned": {"time": "2026-11-24T12:00:02Z"}})
    status = scene.until_synced(source)
    assert scene.until_reason(source, "WaitingForManual")["status"] == "False"
    assert status["latestMoverStatus"]["result"] == "Successful"
    assert "44141578" in status["latestMoverStatus"]["logs"]
    assert status["restic"]["lastPruned"] == "2026-11-24T12:00:02Z"
    assert status["lastSyncDuration"]
    assert "lastSyncStartTime" not in status
    assert "nextSyncTime" not in status
    scene.until(lambda: scene.jobs(source) == [], "the Job is cleaned up", source)


def test_the_job_is_what_the_contract_says(scene: Scene) -> None:
    job = scene.job(scene.source(retain={"daily": 7, "within": "1y"}, pruneIntervalDays=14, excludes=["*.tmp", "/x"]))
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


def test_a_scheduled_backup_starts_at_once_and_then_waits_for_its_tick(scene: Scene) -> None:
    source = scene.source(spec={"trigger": {"schedule": "0 3 * * *"}})
    scene.ends(scene.job(source))
    scene.until_reason(source, "WaitingForSchedule")
    status = scene.status(source)
    following = time(status["nextSyncTime"])
    assert (following.hour, following.minute) == (3, 0)
    assert timedelta(0) < following - datetime.now(UTC) <= timedelta(days=1)
    assert time(status["lastSyncTime"]) <= datetime.now(UTC)


def test_a_tick_that_was_missed_is_made_up_for_at_once(scene: Scene) -> None:
    source = scene.source(spec={"trigger": {"schedule": "0 3 * * *"}})
    first = scene.job(source)
    scene.ends(first)
    scene.until_reason(source, "WaitingForSchedule")
    scene.api.set_status(source, {"lastSyncTime": "2026-01-01T03:00:00Z"})
    assert scene.job(source, other_than=first)


def test_a_changed_schedule_changes_the_next_sync(scene: Scene) -> None:
    source = scene.source(spec={"trigger": {"schedule": "0 3 * * *"}})
    scene.ends(scene.job(source))
    scene.until_reason(source, "WaitingForSchedule")
    scene.change(source, trigger={"schedule": "30 4 * * *"})
    scene.until(lambda: "T04:30:00" in scene.status(source)["nextSyncTime"], "the next sync is another", source)


def test_without_a_trigger_the_next_backup_does_not_follow_at_once(scene: Scene) -> None:
    source = scene.source(spec={"trigger": None})
    first = scene.job(source)
    scene.ends(first)
    scene.until_reason(source, "WaitingForNext")
    assert "nextSyncTime" not in scene.status(source)
    scene.api.set_status(source, {"lastSyncTime": "2026-01-01T03:00:00Z"})
    assert scene.job(source, other_than=first)


def test_paused_starts_nothing_and_unpaused_does(scene: Scene) -> None:
    source = scene.source(spec={"paused": True})
    scene.until_reason(source, "Paused")
    assert scene.jobs(source) == []
    scene.change(source, paused=False)
    assert scene.job(source)["spec"]["parallelism"] == 1


def test_a_backup_that_runs_goes_on_when_it_is_paused(scene: Scene) -> None:
    source = scene.source()
    job = scene.job(source)
    scene.change(source, paused=True)
    scene.ends(job)
    scene.until_synced(source)
    scene.until_reason(source, "Paused")


def test_the_tag_that_started_a_backup_is_the_one_recorded_and_a_new_one_starts_the_next(scene: Scene) -> None:
    source = scene.source()
    first = scene.job(source)
    scene.change(source, trigger={"manual": "second"})
    scene.ends(first)
    scene.until_synced(source, "first")
    scene.ends(scene.job(source, other_than=first))
    scene.until_synced(source, "second")
    scene.until_reason(source, "WaitingForManual")


def test_clone_backs_up_a_copy_that_is_gone_afterwards(scene: Scene) -> None:
    source = scene.source(copyMethod="Clone")
    job = scene.job(source)
    copy = scene.claims(source)[claim_of(job, "/data")]
    origin = copy["spec"]["dataSource"]
    assert (origin["kind"], origin["name"]) == ("PersistentVolumeClaim", "mydata")
    assert copy["spec"]["resources"]["requests"]["storage"] == "1Gi"
    assert copy["spec"]["accessModes"] == ["ReadWriteOnce"]
    scene.ends(job)
    scene.until_synced(source)
    scene.until(lambda: list(scene.claims(source)) == [claim_of(job, "/cache")], "only the cache stays", source)


def test_snapshot_backs_up_a_volume_made_from_a_snapshot_and_both_are_gone_afterwards(scene: Scene) -> None:
    source = scene.source(copyMethod="Snapshot", capacity="2Gi")
    scene.until(lambda: bool(scene.snapshots(source)), "the snapshot is taken", source)
    (snapshot,) = scene.snapshots(source)
    assert snapshot["spec"]["source"] == {"persistentVolumeClaimName": "mydata"}
    assert scene.jobs(source) == [], "the mover starts before there is anything to back up"
    scene.ready(snapshot)
    job = scene.job(source)
    copy = scene.claims(source)[claim_of(job, "/data")]
    assert copy["spec"]["dataSource"]["kind"] == "VolumeSnapshot"
    assert copy["spec"]["resources"]["requests"]["storage"] == "2Gi"
    scene.ends(job)
    scene.until_synced(source)
    scene.until(lambda: list(scene.claims(source)) == [claim_of(job, "/cache")], "only the cache stays", source)
    scene.until(lambda: scene.snapshots(source) == [], "the snapshot goes", source)


@pytest.mark.parametrize("method", ["None", "Direct"])
def test_none_and_direct_back_up_the_volume_itself(scene: Scene, method: str) -> None:
    source = scene.source(copyMethod=method)
    assert claim_of(scene.job(source), "/data") == "mydata"


def test_the_mover_goes_where_the_volume_is_mounted(scene: Scene) -> None:
    scene.user("mydata")
    pod = scene.job(scene.source())["spec"]["template"]["spec"]
    assert "node-a" in str(pod), "the mover may be put on a node where it can't mount the volume"
    assert {"key": "storage", "operator": "Exists", "effect": "NoSchedule"} in pod["tolerations"]


def test_the_cache_is_like_the_volume_and_stays_for_the_next_backup(scene: Scene) -> None:
    source = scene.source()
    first = scene.job(source)
    cache = scene.claims(source)[claim_of(first, "/cache")]
    assert cache["spec"]["resources"]["requests"]["storage"] == "1Gi"
    assert cache["spec"]["accessModes"] == ["ReadWriteOnce"]
    scene.ends(first)
    scene.until_synced(source)
    scene.change(source, trigger={"manual": "second"})
    second = scene.job(source, other_than=first)
    again = scene.claims(source)[claim_of(second, "/cache")]
    assert again["metadata"]["uid"] == cache["metadata"]["uid"]


def test_the_cache_of_a_read_only_volume_can_be_written_to(scene: Scene) -> None:
    scene.claim("library", accessModes=["ReadOnlyMany"])
    source = scene.source(spec={"sourcePVC": "library"}, cacheCapacity="3Gi")
    job = scene.job(source)
    cache = scene.claims(source)[claim_of(job, "/cache")]
    assert cache["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert cache["spec"]["resources"]["requests"]["storage"] == "3Gi"


def test_a_cache_asked_to_shrink_is_a_condition_and_the_backup_goes_on(scene: Scene) -> None:
    source = scene.source(cacheCapacity="2Gi")
    first = scene.job(source)
    scene.ends(first)
    scene.until_synced(source)
    scene.change(source, restic={"cacheCapacity": "1Gi"}, trigger={"manual": "second"})
    scene.ends(scene.job(source, other_than=first))
    scene.until_synced(source, "second")
    assert "can't shrink" in scene.until_reason(source, "CannotShrink", "VolumeSize")["message"]


def test_without_retain_a_condition_says_that_nothing_is_forgotten(scene: Scene) -> None:
    source = scene.source(retain=None)
    job = scene.job(source)
    assert not [name for name in environment(job) if name.startswith("RETAIN_")]
    scene.until_reason(source, "NoRetain", "NothingForgotten")


def test_the_last_prune_is_told_to_the_next_mover(scene: Scene) -> None:
    source = scene.source()
    first = scene.job(source)
    assert environment(first)["PRUNE_INTERVAL_DAYS"] == "7"
    scene.ends(first, DONE | {"pruned": {"time": "2026-11-24T12:00:02Z"}})
    scene.until_synced(source)
    scene.change(source, trigger={"manual": "second"})
    second = scene.job(source, other_than=first)
    assert environment(second)["LAST_PRUNED"] == "2026-11-24T12:00:02Z"
    assert container(second)["args"] == ["backup"], "prune is the mover's own decision"


def test_unlock_comes_first_once_for_each_new_text(scene: Scene) -> None:
    source = scene.source(unlock="now")
    first = scene.job(source)
    assert container(first)["args"] == ["unlock", "backup"]
    scene.ends(first)
    assert scene.until_synced(source)["restic"]["lastUnlocked"] == "now"
    scene.change(source, trigger={"manual": "second"})
    second = scene.job(source, other_than=first)
    assert container(second)["args"] == ["backup"]


def test_nothing_of_a_job_changes_while_it_runs(scene: Scene) -> None:
    source = scene.source()
    job = scene.job(source)
    scene.change(source, restic={"pruneIntervalDays": 1, "excludes": ["*.tmp"]})
    scene.ends(job)
    scene.until_synced(source)
    assert {j["metadata"]["uid"] for j in scene.jobs(source)} <= {job["metadata"]["uid"]}


def test_a_name_as_long_as_names_may_be_works(scene: Scene) -> None:
    source = scene.source("a" * 253)
    job = scene.job(source)
    assert len(job["metadata"]["name"]) <= 63
    scene.ends(job)
    scene.until_synced(source)


def test_a_source_and_a_destination_of_one_name_do_not_collide(scene: Scene) -> None:
    scene.claim("other")
    source, destination = scene.source("same"), scene.destination("same", destinationPVC="other")
    scene.ends(scene.job(source))
    scene.ends(scene.job(destination))
    scene.until_synced(source)
    scene.until_synced(destination)


def test_the_pod_is_as_the_resource_asks_for(scene: Scene) -> None:
    scene.make("v1", "ServiceAccount", "cloud")
    scene.claim("nas")
    job = scene.job(
        scene.source(
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
