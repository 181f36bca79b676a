"""The mover's Job: its settings, its user and privileges, and where it runs."""

from pathlib import Path
from typing import Any

import pytest

from mover.app import plan
from mover.config.environment_reader import EnvironmentReader
from mover.config.settings import Settings, read_settings
from mover.controller.api.spec import read_spec
from mover.controller.api.status import Attempt, StatusEditor
from mover.controller.kube.kinds import POD, VOLUME_CLAIM
from mover.controller.reconcile.decide import decide
from mover.controller.resources.job import build_job
from mover.controller.resources.names import LONGEST_NAME, name_for
from tests.support.fake_cluster import OPTIONS, START, FakeCluster
from tests.support.manifests import Object, claim, destination, source, user_pod

SECRET = {"RESTIC_REPOSITORY": "s3:http://minio:9000/bucket", "RESTIC_PASSWORD": "correct horse"}


def job_of(made: Object, cluster: FakeCluster | None = None, **around: Any) -> Object:  # noqa: ANN401  any field of Observed
    observed = (cluster or FakeCluster(made)).observe(**around)
    spec = read_spec(made)
    assert spec is not None
    assert spec.problems == ()
    return dict(
        build_job(observed, spec, StatusEditor(observed.resource, START), Attempt("7", START, "", 1), "image:1").body
    )


def pod_of(job: Object) -> Object:
    pod: Object = job["spec"]["template"]["spec"]
    return pod


def container_of(job: Object) -> Object:
    container: Object = pod_of(job)["containers"][0]
    return container


def environment_of(job: Object) -> dict[str, str]:
    """The environment as Kubernetes makes it, where `$$` is a dollar."""
    env = container_of(job)["env"]
    assert all("$(" not in variable["value"].replace("$$", "") for variable in env)
    return {variable["name"]: variable["value"].replace("$$", "$") for variable in env}


def settings_of(job: Object, **files: str) -> Settings:
    return read_settings(EnvironmentReader({**SECRET, **environment_of(job), **files}))


def namespace(annotations: Object | None = None, labels: Object | None = None) -> Object:
    return {"metadata": {"name": "home", "annotations": annotations or {}, "labels": labels or {}}}


PRIVILEGED = namespace({"scribe.backube/privileged-movers": "true"})
RESTRICTED = namespace(labels={"pod-security.kubernetes.io/enforce": "restricted"})


def test_the_mover_reads_every_field_of_a_source_from_the_job(tmp_path: Path) -> None:
    made = source(
        retain={"last": 3, "hourly": 6, "daily": 5, "weekly": 4, "monthly": 2, "yearly": 1, "within": "1y2m"},
        pruneIntervalDays=14,
        checkIntervalDays=30,
        excludes=["*.tmp", "$(HOME)/cache", "a b"],
        tags=["nightly", "two words"],
        skipIfUnchanged=True,
        customCA={"secretName": "ca", "key": "root.pem"},
    )
    made["status"] = {"restic": {"lastPruned": "2025-12-30T00:00:00Z"}}
    job = job_of(made)
    bundle = tmp_path / "ca.crt"
    bundle.touch()
    read = settings_of(job, CUSTOM_CA=str(bundle))
    assert read.retention is not None
    assert set(read.retention.flags) == {
        "--keep-last=3",
        "--keep-hourly=6",
        "--keep-daily=5",
        "--keep-weekly=4",
        "--keep-monthly=2",
        "--keep-yearly=1",
        "--keep-within=1y2m",
    }
    assert read.prune_interval is not None
    assert read.prune_interval.days == 14
    assert read.last_pruned is not None
    assert read.last_pruned.isoformat() == "2025-12-30T00:00:00+00:00"
    assert read.check.interval is not None
    assert read.check.interval.days == 30
    assert read.backup.exclude == ("*.tmp", "$(HOME)/cache", "a b")
    assert read.backup.tags == ("nightly", "two words")
    assert read.backup.skip_if_unchanged
    assert environment_of(job)["CUSTOM_CA"] == "/customCA/ca.crt"
    assert [step.operation for step in plan.make(container_of(job)["args"], read)] == [
        "backup",
        "forget",
        "prune",
        "check",
    ]


def test_the_mover_reads_every_field_of_a_destination_from_the_job() -> None:
    made = destination(
        previous=2, restoreAsOf="2026-01-31T12:00:00Z", enableFileDeletion=True, onMissingSnapshot="Continue"
    )
    job = job_of(made)
    restore = settings_of(job).restore
    assert container_of(job)["args"] == ["restore"]
    assert (restore.previous, restore.options, restore.missing) == (2, ("--delete",), "continue")
    assert restore.as_of is not None
    assert restore.as_of.isoformat() == "2026-01-31T12:00:00+00:00"


def test_a_missing_snapshot_fails_a_restore_by_default() -> None:
    assert settings_of(job_of(destination())).restore.missing == "fail"


def test_prune_is_never_in_the_command() -> None:
    assert container_of(job_of(source(pruneIntervalDays=0)))["args"] == ["backup"]


def test_without_retain_nothing_is_forgotten() -> None:
    assert settings_of(job_of(source(retain=None))).retention is None


def test_unlock_runs_once_for_each_value() -> None:
    made = source(unlock="now")
    assert container_of(job_of(made))["args"] == ["unlock", "backup"]
    assert container_of(job_of(made | {"status": {"restic": {"lastUnlocked": "now"}}}))["args"] == ["backup"]


def test_the_environment_contains_the_whole_secret() -> None:
    container = container_of(job_of(source()))
    assert container["envFrom"] == [{"secretRef": {"name": "restic-config"}}]


def test_kubernetes_retries_no_failure_and_only_replaces_disrupted_pods() -> None:
    spec = job_of(source())["spec"]
    assert spec["backoffLimit"] == 0
    assert spec["podReplacementPolicy"] == "Failed"
    assert spec["podFailurePolicy"]["rules"][0] == {
        "action": "Ignore",
        "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
    }
    assert spec["template"]["spec"]["restartPolicy"] == "Never"
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] == 90


def test_by_default_the_mover_is_user_0_without_any_privilege() -> None:
    job = job_of(source())
    assert pod_of(job)["securityContext"]["runAsUser"] == 0
    assert pod_of(job)["automountServiceAccountToken"] is False
    assert container_of(job)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_a_privileged_namespace_adds_capabilities_for_all_files() -> None:
    job = job_of(source(moverSecurityContext={"runAsUser": 1000, "runAsNonRoot": True}), namespace=PRIVILEGED)
    assert container_of(job)["securityContext"]["capabilities"] == {
        "drop": ["ALL"],
        "add": ["DAC_OVERRIDE", "CHOWN", "FOWNER"],
    }
    assert pod_of(job)["securityContext"]["runAsUser"] == 0
    assert pod_of(job)["securityContext"]["runAsNonRoot"] is False


def test_the_pod_fields_of_the_spec_are_in_the_job() -> None:
    made = source(
        moverSecurityContext={"runAsUser": 1000, "fsGroup": 1000},
        moverServiceAccount="mover",
        moverPodLabels={"team": "a", "scribe.backube/owner": "somebody"},
        moverResources={"limits": {"memory": "1Gi"}},
        moverAffinity={"podAffinity": {}},
        moverVolumes=[{"mountPath": "/repo", "volumeSource": {"nfs": {"server": "n", "path": "/"}}}],
    )
    job = job_of(made)
    pod, container = pod_of(job), container_of(job)
    assert pod["securityContext"] | {"runAsUser": 1000, "fsGroup": 1000} == pod["securityContext"]
    assert pod["serviceAccountName"] == "mover"
    assert pod["affinity"] == {"podAffinity": {}}
    assert container["resources"] == {"limits": {"memory": "1Gi"}}
    assert job["spec"]["template"]["metadata"]["labels"]["team"] == "a"
    assert job["spec"]["template"]["metadata"]["labels"]["scribe.backube/owner"] == "uid-photos"
    assert {"name": "extra-0", "mountPath": "/mnt/repo"} in container["volumeMounts"]
    assert {"name": "extra-0", "nfs": {"server": "n", "path": "/"}} in pod["volumes"]


def test_a_restricted_namespace_blocks_the_default_user() -> None:
    cluster = FakeCluster(source())
    for write in decide(cluster.observe(namespace=RESTRICTED), OPTIONS).writes:
        cluster.write(write)
    assert cluster.synchronizing()["reason"] == "PodSecurity"
    assert "moverSecurityContext" in cluster.synchronizing()["message"]
    context = {"runAsNonRoot": True, "runAsUser": 1000}
    assert job_of(source(moverSecurityContext=context), namespace=RESTRICTED)


def test_the_mover_runs_beside_the_pod_that_uses_its_volume() -> None:
    made = source(moverAffinity={"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}})
    cluster = FakeCluster(made)
    cluster.objects[POD, "app"] = user_pod()
    cluster.remember()
    pod = pod_of(job_of(made, cluster))
    required = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    here = {"key": "metadata.name", "operator": "In", "values": ["node-7"]}
    assert required == {"nodeSelectorTerms": [{"matchFields": [here]}]}
    assert pod["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"] == []
    assert pod["tolerations"] == [{"key": "gpu", "operator": "Exists"}]


@pytest.mark.parametrize("made", [source(copyMethod="Clone"), source()])
def test_a_mover_of_a_copy_or_a_shared_volume_can_run_on_any_node(made: Object) -> None:
    cluster = FakeCluster(made)
    cluster.objects[POD, "app"] = user_pod()
    cluster.objects[VOLUME_CLAIM, "data"] = claim(accessModes=["ReadWriteMany"])
    cluster.remember()
    assert "affinity" not in pod_of(job_of(made, cluster))


def test_a_volume_is_mounted_read_only_for_a_backup() -> None:
    mounts = {mount["name"]: mount for mount in container_of(job_of(source()))["volumeMounts"]}
    assert mounts["data"] == {"name": "data", "mountPath": "/data", "readOnly": True}
    restored = {mount["name"]: mount for mount in container_of(job_of(destination()))["volumeMounts"]}
    assert restored["data"] == {"name": "data", "mountPath": "/data"}


@pytest.mark.parametrize("length", [1, 30, 63, 64, 253])
@pytest.mark.parametrize("letters", ["a", "a.", "a-b."])
def test_names_are_valid_for_every_name_of_a_resource(length: int, letters: str) -> None:
    name = (letters * 253)[: length - 1] + "z"
    names = set()
    for made in (source(), destination()):
        made["metadata"]["name"] = name
        for suffix in ("", "-copy", "-cache", "-data", "-123456"):
            made_name = name_for(made, suffix)
            assert len(made_name) <= LONGEST_NAME
            assert all(part and part[0].isalnum() and part[-1].isalnum() for part in made_name.split("."))
            names.add(made_name)
    assert len(names) == 10, "names of a source and a destination collide"
