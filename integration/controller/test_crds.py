"""The schemas of both resources: what they take, and in which words they refuse the rest."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integration.controller.api import RefusedError
from integration.controller.control_plane import ControlPlane
from integration.controller.written import destination, source
from mover.controller.api.conditions import Type
from mover.controller.api.spec import read_spec
from mover.controller.api.status import Attempt, Failed, StatusEditor
from mover.controller.resources.job_result import RESTORED_FIELDS, SNAPSHOT_FIELDS

pytestmark = pytest.mark.needs("kubernetes")

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "deploy" / "examples"
FIELDS = ROOT / "docs" / "controller" / "fields.md"
VECTORS = ROOT / "tests" / "controller" / "schedule_vectors.json"

NAME = "small letters, digits, '-' and '.'"
MODE = 'supported values: "ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"'
SIZE = "must be a size above zero, such as 10Gi"
TIME = "must be an RFC 3339 time with its zone, such as 2026-01-31T12:00:00Z"
ONE_VOLUME = "exactly one of persistentVolumeClaim, secret and nfs must be given"

ReconcileContext = tuple[str, Any, str]
"""A field, a value it refuses, and what the refusal says."""


def volume(**what: Any) -> list[dict[str, Any]]:  # noqa: ANN401  JSON
    return [{"mountPath": "repository", "volumeSource": what}]


EITHER: list[ReconcileContext] = [
    ("paused", "yes", "spec.paused in body must be of type boolean"),
    ("trigger", "daily", "spec.trigger in body must be of type object"),
    ("trigger__schedule", 5, "spec.trigger.schedule in body must be of type string"),
    *(
        ("trigger__schedule", schedule, "must be five fields (minute, hour, day of the month, month, day of the week)")
        for schedule in (
            *("* * * *", "* * * * * *", "nightly", "@reboot", "@dailyfoo", "@every", "11111", "TZ=Europe/Berlin"),
            *("TZ=UTC * * * *", "CRON_TZ= @daily"),
        )
    ),
    *(
        ("trigger__schedule", schedule, f"the {sentence}")
        for schedule, sentence in (
            ("60 * * * *", "first field is the minute, 0 to 59"),
            ("-1 * * * *", "first field is the minute"),
            ("*/0 * * * *", "first field is the minute"),
            ("1-2-3 * * * *", "first field is the minute"),
            ("CRON_TZ=Asia/Tokyo 5,99 * * * *", "first field is the minute"),
            ("* 24 * * *", "second field is the hour, 0 to 23"),
            ("* * 0 * *", "third field is the day of the month, 1 to 31"),
            ("* * 32 * *", "third field is the day of the month"),
            ("0 0 1W * *", "third field is the day of the month"),
            ("* * * 13 *", "fourth field is the month, 1 to 12 or jan to dec"),
            ("* * * * 7", "fifth field is the day of the week, 0 to 6 or sun to sat (0 is Sunday)"),
            ("* * * * L", "fifth field is the day of the week"),
        )
    ),
    ("trigger__schedule", "", "should be at least 1 chars long"),
    ("trigger__manual", 7, "spec.trigger.manual in body must be of type string"),
    ("trigger__manual", "x" * 2000, "may not be more than 1024 bytes"),
    ("trigger__manual", "two\nlines", "must be one line"),
    ("restic", None, "spec.restic is missing: it says how, and is indented below spec"),
    ("restic__repository", None, "repository is missing: the name of the Secret"),
    ("restic__repository", "s3:http://minio/bucket", f"must be the name of a Secret: {NAME}"),
    ("restic__repository", "", "should be at least 1 chars long"),
    ("restic__repository", ["x"], "spec.restic.repository in body must be of type string"),
    ("restic__copyMethod", None, "copyMethod is missing: "),
    ("restic__copyMethod", "clone", 'Unsupported value: "clone": supported values: '),
    ("restic__capacity", "0", SIZE),
    ("restic__capacity", -1, SIZE),
    ("restic__capacity", "-1Gi", SIZE),
    ("restic__capacity", "big", SIZE),
    ("restic__capacity", "1GB", SIZE),
    ("restic__capacity", [1], "spec.restic.capacity in body must be of type integer,string"),
    ("restic__cacheCapacity", "0Gi", SIZE),
    ("restic__cacheCapacity", "1 Gi", SIZE),
    ("restic__accessModes", [], "should have at least 1 items"),
    ("restic__accessModes", "ReadWriteOnce", "spec.restic.accessModes in body must be of type array"),
    ("restic__accessModes", ["RWO"], MODE),
    ("restic__accessModes", ["ReadWriteOncePod", "ReadWriteOnce"], "ReadWriteOncePod can't be combined"),
    ("restic__cacheAccessModes", [], "should have at least 1 items"),
    ("restic__cacheAccessModes", ["ReadWriteAlways"], MODE),
    ("restic__cacheAccessModes", ["ReadOnlyMany"], "the volume is written to: ReadOnlyMany alone won't do"),
    ("restic__storageClassName", "Fast Disk", f"must be the name of a StorageClass: {NAME}"),
    ("restic__cacheStorageClassName", "fast_disk", f"must be the name of a StorageClass: {NAME}"),
    ("restic__volumeSnapshotClassName", "a..b", f"must be the name of a VolumeSnapshotClass: {NAME}"),
    ("restic__customCA", {}, "name one of secretName and configMapName"),
    ("restic__customCA", {"secretName": "ca"}, "key is missing"),
    ("restic__customCA", {"secretName": "a", "configMapName": "b", "key": "c"}, "name one of secretName and"),
    ("restic__customCA", {"secretName": "a", "key": "../c"}, "must be a key of a Secret or ConfigMap"),
    ("restic__moverServiceAccount", "system:admin", f"must be the name of a ServiceAccount: {NAME}"),
    ("restic__moverPodLabels", {"a b": "c"}, "a label's name is at most 63"),
    ("restic__moverPodLabels", {"a": "b c"}, "a label's value is at most 63"),
    ("restic__moverPodLabels", {"a": 1}, "in body must be of type string"),
    ("restic__moverPodLabels", {"job-name": "x"}, "labels of the controller and of Jobs can't be set"),
    ("restic__moverPodLabels", {"scribe.backube/owner": "x"}, "labels of the controller and of Jobs can't be set"),
    ("restic__moverResources", {"limits": {"memory": "lots"}}, "should match"),
    ("restic__moverResources", {"limits": {"memory": "-1Gi"}}, "should match"),
    ("restic__moverResources", {"memory": "1Gi"}, 'unknown field "spec.restic.moverResources.memory"'),
    ("restic__moverSecurityContext", {"runAsUser": "root"}, "runAsUser in body must be of type integer"),
    ("restic__moverSecurityContext", {"runAsUser": -1}, "should be greater than or equal to 0"),
    ("restic__moverSecurityContext", {"runAsNonRoot": True, "runAsUser": 0}, "contradict each other"),
    ("restic__moverSecurityContext", {"privileged": True}, "unknown field"),
    ("restic__moverAffinity", {"nodeAffinity": "here"}, "nodeAffinity in body must be of type object"),
    ("restic__moverVolumes", volume(), ONE_VOLUME),
    ("restic__moverVolumes", volume(secret={"secretName": "a"}, nfs={"server": "b", "path": "/c"}), ONE_VOLUME),
    ("restic__moverVolumes", volume(hostPath={"path": "/"}), "unknown field"),
    ("restic__moverVolumes", volume(nfs={"server": "b", "path": "c"}), "must begin with '/'"),
    ("restic__moverVolumes", volume(secret={"secretName": "a"}) * 2, "Duplicate value"),
    *(
        ("restic__moverVolumes", [{"mountPath": path, "volumeSource": {"secret": {"secretName": "a"}}}], "path below")
        for path in ("/etc", "../etc", "a/../b", "a//b", "a/", "a b", "a:b")
    ),
    ("restic__rclone", {}, 'unknown field "spec.restic.rclone"'),
    ("rsync", {}, 'unknown field "spec.rsync"'),
]

OF_A_SOURCE: list[ReconcileContext] = [
    ("sourcePVC", None, "sourcePVC is missing: the name of the PersistentVolumeClaim to back up"),
    ("sourcePVC", "", "should be at least 1 chars long"),
    ("sourcePVC", "My Data", f"must be the name of a PersistentVolumeClaim: {NAME}"),
    ("sourcePVC", "x" * 300, "may not be more than 253 bytes"),
    ("sourcePVC", ["mydata"], "spec.sourcePVC in body must be of type string"),
    *(
        (f"restic__retain__{field}", value, problem)
        for field in ("hourly", "daily", "weekly", "monthly", "yearly")
        for value, problem in (
            ("5", "in body must be of type integer"),
            (-1, "should be greater than or equal to 0"),
            (1.5, "in body must be of type integer"),
            (10**9, "should be less than or equal to 1000000"),
        )
    ),
    ("restic__retain__last", -1, "must be a whole number from 0 to 1000000"),
    ("restic__retain__last", "-1", "must be a whole number from 0 to 1000000"),
    ("restic__retain__last", "many", "must be a whole number from 0 to 1000000"),
    ("restic__retain__within", "5m3w1d", "restic has no weeks: write 7d"),
    ("restic__retain__within", "30", "must be years, months, days and hours"),
    ("restic__retain__within", "0d", "must be years, months, days and hours"),
    ("restic__retain__within", "-1d", "must be years, months, days and hours"),
    ("restic__retain__within", "", "must be years, months, days and hours"),
    ("restic__retain", {"hourly": 0}, "all of retain is zero, which would forget every snapshot"),
    ("restic__retain", {"last": "0", "daily": 0, "yearly": 0}, "all of retain is zero"),
    ("restic__retain", {"minutely": 1}, 'unknown field "spec.restic.retain.minutely"'),
    ("restic__pruneIntervalDays", -1, "should be greater than or equal to 0"),
    ("restic__pruneIntervalDays", "14", "in body must be of type integer"),
    ("restic__pruneIntervalDays", 99999999, "should be less than or equal to 36500"),
    ("restic__checkIntervalDays", -1, "should be greater than or equal to 0"),
    ("restic__checkIntervalDays", True, "in body must be of type integer"),
    ("restic__excludes", "*.tmp", "spec.restic.excludes in body must be of type array"),
    ("restic__excludes", [""], "should be at least 1 chars long"),
    ("restic__excludes", [" "], "must be one pattern in one line"),
    ("restic__excludes", ["a\nb"], "must be one pattern in one line"),
    ("restic__excludes", ["x"] * 101, "must have at most 100 items"),
    ("restic__tags", ["a,b"], "must be one tag: text without commas and line breaks"),
    ("restic__tags", ["a\nb"], "must be one tag: text without commas and line breaks"),
    ("restic__skipIfUnchanged", "true", "must be of type boolean"),
    ("restic__unlock", "two\nlines", "must be one line"),
    ("restic__unlock", 1, "must be of type string"),
    ("restic__destinationPVC", "datavol", 'unknown field "spec.restic.destinationPVC"'),
]

OF_A_DESTINATION: list[ReconcileContext] = [
    ("restic__copyMethod", "Clone", 'Unsupported value: "Clone": supported values: "None", "Direct", "Snapshot"'),
    ("restic__destinationPVC", None, "either destinationPVC must be given, or both capacity and accessModes"),
    ("restic__destinationPVC", "", "should be at least 1 chars long"),
    ("restic__destinationPVC", "data/vol", f"must be the name of a PersistentVolumeClaim: {NAME}"),
    ("restic__accessModes", ["ReadOnlyMany"], "the volume is written to: ReadOnlyMany alone won't do"),
    ("restic__previous", -1, "should be greater than or equal to 0"),
    ("restic__previous", "1", "must be of type integer"),
    *(
        ("restic__restoreAsOf", time, TIME)
        for time in ("yesterday", "2026-01-31", "2026-01-31 12:00:00Z", "2026-01-31T12:00:00", "2026-13-31T12:00:00Z")
    ),
    ("restic__enableFileDeletion", 1, "must be of type boolean"),
    ("restic__allowInUse", "no", "must be of type boolean"),
    ("restic__onMissingSnapshot", "fail", 'supported values: "Fail", "Continue"'),
    ("restic__cleanupTempPVC", True, "cleanupTempPVC is for a volume that is made here"),
    ("restic__cleanupTempPVC", True, "cleanupTempPVC would delete what was restored"),
    ("restic__cleanupCachePVC", {}, "must be of type boolean"),
    ("restic__retain", {"daily": 1}, 'unknown field "spec.restic.retain"'),
    ("sourcePVC", "mydata", 'unknown field "spec.sourcePVC"'),
]

REFUSED = [
    *((source, *case) for case in EITHER + OF_A_SOURCE),
    *((destination, *case) for case in EITHER + OF_A_DESTINATION),
]


@pytest.mark.parametrize(
    ("make", "field", "value", "sentence"),
    REFUSED,
    ids=lambda part: part.__name__ if callable(part) else str(part)[:40],
)
def test_a_wrong_value_is_refused_with_a_sentence_that_helps(
    make: Any,  # noqa: ANN401  one of two functions
    field: str,
    value: object,
    sentence: str,
    plane: ControlPlane,
) -> None:
    with pytest.raises(RefusedError) as refused:
        plane.api.create(make("default", **{field: value}), kept=False)
    assert sentence in str(refused.value)


ACCEPTED: list[tuple[str, Any]] = [
    *(
        ("trigger__schedule", schedule)
        for schedule in (
            *("*/30 * * * *", "0 9-17/2 * * mon-fri", "5/20 * * * *", "0 0 1,15 JAN,jul ?", "@hourly", "@midnight"),
            *("@every 1h30m", "CRON_TZ=Europe/Berlin 0 3 * * *", "TZ=America/Argentina/Buenos_Aires @daily"),
            "00 04 * * *",
        )
    ),
    ("trigger", None),
    ("trigger", {}),
    ("trigger", {"manual": "once", "schedule": "@daily"}),
    ("paused", True),
    ("restic__copyMethod", "Direct"),
    ("restic__copyMethod", "Snapshot"),
    ("restic__capacity", "10Gi"),
    ("restic__capacity", 1073741824),
    ("restic__capacity", "1.5e9"),
    ("restic__accessModes", ["ReadWriteOnce", "ReadWriteMany"]),
    ("restic__cacheAccessModes", ["ReadWriteOncePod"]),
    ("restic__storageClassName", ""),
    ("restic__customCA", {"configMapName": "ca", "key": "ca.crt"}),
    ("restic__moverServiceAccount", "backup"),
    ("restic__moverPodLabels", {"example.com/team": "storage", "plain": ""}),
    ("restic__moverResources", {"requests": {"cpu": "100m", "memory": "1Gi"}, "limits": {"memory": "2Gi", "cpu": 1}}),
    (
        "restic__moverSecurityContext",
        {"runAsUser": 1000, "fsGroup": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
    ),
    ("restic__moverVolumes", volume(persistentVolumeClaim={"claimName": "backups", "readOnly": True})),
    ("restic__moverVolumes", volume(secret={"secretName": "key", "items": [{"key": "a", "path": "b/c"}]})),
    ("restic__moverVolumes", volume(nfs={"server": "nas.example.com", "path": "/export"})),
    (
        "restic__moverAffinity",
        {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}]
                }
            },
            "podAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 1,
                        "podAffinityTerm": {"topologyKey": "zone", "labelSelector": {"matchLabels": {"a": "b"}}},
                    }
                ]
            },
        },
    ),
]

ACCEPTED_IN_A_SOURCE: list[tuple[str, Any]] = [
    ("restic__retain", None),
    ("restic__retain", {}),
    ("restic__retain", {"within": "1y6m15d12h"}),
    ("restic__retain", {"last": "3"}),
    ("restic__retain", {"last": 3, "hourly": 0}),
    ("restic__pruneIntervalDays", 0),
    ("restic__checkIntervalDays", 30),
    ("restic__excludes", ["*.tmp", "cache/**", "with space"]),
    ("restic__tags", ["before upgrade", "nightly"]),
    ("restic__skipIfUnchanged", True),
    ("restic__unlock", "2026-01-31"),
]

ACCEPTED_IN_A_DESTINATION: list[tuple[str, Any]] = [
    ("restic", {"repository": "r", "copyMethod": "Snapshot", "capacity": "1Gi", "accessModes": ["ReadWriteOnce"]}),
    ("restic__previous", 3),
    ("restic__restoreAsOf", "2026-01-31T12:00:00Z"),
    ("restic__restoreAsOf", "2026-01-31T12:00:00.5+05:30"),
    ("restic__enableFileDeletion", True),
    ("restic__onMissingSnapshot", "Continue"),
    ("restic__allowInUse", True),
    ("restic__cleanupCachePVC", True),
]

TAKEN = [
    *((source, *case) for case in [*ACCEPTED, *ACCEPTED_IN_A_SOURCE]),
    *((destination, *case) for case in [*ACCEPTED, *ACCEPTED_IN_A_DESTINATION]),
]


@pytest.mark.parametrize(
    ("make", "field", "value"), TAKEN, ids=lambda part: part.__name__ if callable(part) else str(part)[:40]
)
def test_a_good_value_is_kept_as_it_was_written(
    make: Any,  # noqa: ANN401  one of two functions
    field: str,
    value: object,
    plane: ControlPlane,
) -> None:
    written = make("default", **{field: value})
    assert plane.api.create(written, kept=False)["spec"] == written["spec"]
    read = read_spec(written)
    assert read is not None
    assert read.problems == (), "the controller objects to what the schema takes"


def test_restic_beside_spec_and_not_in_it_is_told_in_words(plane: ControlPlane) -> None:
    beside = source("default", restic=None) | {"restic": source("default")["spec"]["restic"]}
    with pytest.raises(RefusedError, match=r"spec\.restic is missing: it says how, and is indented below spec"):
        plane.api.create(beside, strict=False, kept=False)


def test_the_examples_of_the_user_guide_are_taken(plane: ControlPlane, namespace: str) -> None:
    said = plane.kubectl("apply", "-n", namespace, "-f", EXAMPLES)
    assert sorted(line.split(" ")[0] for line in said.splitlines()) == [
        "persistentvolumeclaim/datavol",
        "replicationdestination.scribe.backube/datavol-dest",
        "replicationsource.scribe.backube/mydata-backup",
        "secret/restic-config",
    ]


def schema_of(plane: ControlPlane, kind: str) -> dict[str, Any]:
    crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    found = plane.api.get({**crd, "metadata": {"name": f"{kind}s.scribe.backube"}})
    schema: dict[str, Any] = found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    return schema


@pytest.mark.parametrize("kind", ["replicationsource", "replicationdestination"])
def test_every_field_is_explained(kind: str, plane: ControlPlane) -> None:
    schema = schema_of(plane, kind)
    assert undescribed(schema["spec"], "spec") + undescribed(schema["status"], "status") == []


@pytest.mark.parametrize("kind", ["replicationsource", "replicationdestination"])
def test_every_field_is_in_the_documentation(kind: str, plane: ControlPlane) -> None:
    schema, page = schema_of(plane, kind), FIELDS.read_text()
    fields = [*schema["spec"]["properties"]["restic"]["properties"], *schema["status"]["properties"]]
    assert [field for field in fields if f"`{field}`" not in page and f"`{field}." not in page] == []


def blocks() -> list[str]:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs" / "controller").glob("*.md"))]
    found = [block for page in pages for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)]
    return [block for block in found if block.startswith(("apiVersion", "kind")) and "batch/v1" not in block]


def test_what_the_documentation_shows_is_taken(plane: ControlPlane, namespace: str) -> None:
    assert len(blocks()) >= 3, "the pages of the controller show its resources"
    for block in blocks():
        plane.kubectl("apply", "-n", namespace, "--dry-run=server", "-f", "-", given=block)


def test_what_both_resources_have_reads_the_same_in_both(plane: ControlPlane) -> None:
    one, other = (schema_of(plane, kind) for kind in ("replicationsource", "replicationdestination"))
    for part in ("spec", "status"):
        compare(one[part]["properties"], other[part]["properties"])
    compare(one["spec"]["properties"]["restic"]["properties"], other["spec"]["properties"]["restic"]["properties"])


OF_ITS_OWN = {"trigger", "restic", "copyMethod", "capacity", "accessModes", "storageClassName", "cacheAccessModes"}
OF_ITS_OWN |= {"cacheStorageClassName"}
"""What names the source or destination in its description."""


def compare(one: dict[str, Any], other: dict[str, Any]) -> None:
    for name in one.keys() & other.keys() - OF_ITS_OWN:
        assert one[name] == other[name], f"{name} differs"


def test_the_schema_takes_the_schedules_that_can_be_followed(plane: ControlPlane) -> None:
    for vector in json.loads(VECTORS.read_text()):
        if "fires" in vector and vector["schedule"] not in ODDLY_WRITTEN:
            written = source("default", trigger__schedule=vector["schedule"])
            plane.api.create(written, kept=False)


ODDLY_WRITTEN = {"  0   0\t* * *  ", "+5 * * * *", "1,,2 * * * *"}
"""What robfig/cron takes, and nobody writes."""


PODS_OWN = ("moverAffinity", "moverSecurityContext", "moverResources", "moverVolumes.volumeSource.secret.items")
"""What is inside of these is explained by `kubectl explain pod.spec`."""


def undescribed(schema: dict[str, Any], place: str) -> list[str]:
    """Return the fields below `place` that have no description."""
    found = [] if schema.get("description") else [place]
    if place.endswith(PODS_OWN):
        return found
    inside = schema.get("items", schema).get("properties", {})
    return found + [
        field for name, field_schema in inside.items() for field in undescribed(field_schema, f"{place}.{name}")
    ]


def test_explain_shows_what_a_field_is_and_which_values_it_takes(plane: ControlPlane) -> None:
    said = " ".join(plane.kubectl("explain", "replicationsource.spec.restic.copyMethod").split())
    assert "ENUM: Clone Snapshot None Direct" in said
    assert "Snapshot: a volume made from a VolumeSnapshot of it" in said


def test_get_shows_source_state_and_times(plane: ControlPlane, namespace: str) -> None:
    made = plane.api.create(source(namespace))
    idle = {
        "type": "Synchronizing",
        "status": "False",
        "reason": "WaitingForSchedule",
        "message": "The next sync starts at 12:30.",
        "lastTransitionTime": "2026-11-24T12:01:00Z",
    }
    times = {"lastSyncTime": "2026-11-24T12:01:00Z", "nextSyncTime": "2026-11-24T12:30:00Z", "lastSyncDuration": "1m2s"}
    plane.api.set_status(made, {**times, "conditions": [idle]})
    header, row = plane.kubectl("get", "-n", namespace, "replicationsources").splitlines()
    assert [column.strip() for column in header.split("  ") if column.strip()] == [
        *("NAME", "SOURCE", "STATE", "LAST SYNC", "DURATION", "NEXT SYNC"),
    ]
    assert row.split() == [
        *("mydata-backup", "mydata", "WaitingForSchedule", "2026-11-24T12:01:00Z", "1m2s", "2026-11-24T12:30:00Z"),
    ]


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
IMAGE = {"apiGroup": "", "kind": "PersistentVolumeClaim", "name": "datavol"}


def facts(fields: dict[str, type]) -> dict[str, Any]:
    return {name: 2**62 if type_ is int else "2026-11-24T12:00:00Z" for name, type_ in fields.items()}


@pytest.mark.parametrize("make", [source, destination])
def test_the_schema_keeps_all_that_the_controller_writes_into_a_status(
    make: Any,  # noqa: ANN401  one of two functions
    plane: ControlPlane,
    namespace: str,
) -> None:
    made = plane.api.create(make(namespace))
    status = StatusEditor(made, NOW)
    status.attempt = Attempt("42", NOW, "manual", 1, ("uid",))
    status.failed = Failed(3, 1, "WrongPassword", "The password is wrong.", NOW)
    for name in ("lastSyncTime", "lastSyncStartTime", "nextSyncTime"):
        status.set_time(name, NOW)
    for name, value in {"lastSyncDuration": "1m2s", "lastManualSync": "manual"}.items():
        status.set(name, value)
    status.set("latestMoverStatus", {"result": "Failed", "logs": "two\nlines"})
    for type_ in Type:
        status.set_condition(type_, "Reason", "A sentence.")
    if make is source:
        status.set("lastSnapshot", facts(SNAPSHOT_FIELDS) | {"complete": True})
        for name in ("lastPruned", "lastChecked", "lastUnlocked"):
            status.set_restic(name, "2026-11-24T12:00:00Z")
    else:
        status.set("lastRestored", facts(RESTORED_FIELDS) | {"complete": False})
        status.set("latestImage", IMAGE)
    plane.api.merge(made, status.patch(), "status")
    assert plane.api.get(made)["status"] == status.fields
