"""Values that the schemas refuse, each with the cause that the API server gives."""

from dataclasses import dataclass
from typing import Any

WRONG_TYPE = "FieldValueTypeInvalid"
INVALID = "FieldValueInvalid"
NOT_SUPPORTED = "FieldValueNotSupported"
TOO_LONG = "FieldValueTooLong"
TOO_MANY = "FieldValueTooMany"
DUPLICATE = "FieldValueDuplicate"


@dataclass(frozen=True)
class Refusal:
    """A field (`restic__tags`, see `tests.support.manifests.changed`), a value it refuses, and why."""

    change: str
    value: Any
    reason: str
    """Of the cause; empty: nobody knows the field."""
    rule: str = ""
    """The expression, or a part of it, of the rule in CEL that the value breaks; empty: it breaks a type or a bound."""
    at: str = ""
    """Where the cause is, if not at the field itself."""

    @property
    def field(self) -> str:
        """The path of the field with the cause."""
        return self.at or f"spec.{self.change.replace('__', '.')}"


def breaks(rule: str, change: str, *values: Any, at: str = "") -> list[Refusal]:  # noqa: ANN401  JSON
    """Return the refusals of values that break a rule."""
    return [Refusal(change, value, INVALID, rule, at) for value in values]


def lacks(change: str, at: str) -> Refusal:
    """Return the refusal of an object, at a path, that lacks a field."""
    return Refusal(change, None, INVALID, f"has(self.{change.rpartition('__')[2]})", at)


def unknown(change: str, value: Any, at: str = "") -> Refusal:  # noqa: ANN401  JSON
    """Return the refusal of a field that is not in the schema."""
    return Refusal(change, value, "", at=at)


def mounted(*, at: str = "repository", **source: Any) -> list[dict[str, Any]]:  # noqa: ANN401  JSON
    """Return a list with one volume of the mover's pod."""
    return [{"mountPath": at, "volumeSource": source}]


NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SIZE = "isQuantity"
SCHEDULE = "CRON_"
NOT_ONE_LINE = r"\\x0a-\\x1f"
FIRST_VOLUME = "spec.restic.moverVolumes[0]"
SECRET = {"secretName": "a"}

SCHEDULES = [
    *breaks(SCHEDULE, "trigger__schedule", "* * * *", "* * * * * *", "nightly", "@reboot", "@dailyfoo", "@every"),
    *breaks(SCHEDULE, "trigger__schedule", "11111", "TZ=Europe/Berlin", "TZ=UTC * * * *", "CRON_TZ= @daily"),
    *breaks(SCHEDULE, "trigger__schedule", "60 * * * *", "-1 * * * *", "*/0 * * * *", "1-2-3 * * * *"),
    *breaks(SCHEDULE, "trigger__schedule", "CRON_TZ=Asia/Tokyo 5,99 * * * *", "* 24 * * *", "* * 0 * *"),
    *breaks(SCHEDULE, "trigger__schedule", "* * 32 * *", "0 0 1W * *", "* * * 13 *", "* * * * 7", "* * * * L"),
    *breaks(SCHEDULE, "trigger__schedule", "@every 1d", "0 0 * foo *", "0 0 * * monday"),
    Refusal("trigger__schedule", 5, WRONG_TYPE),
    Refusal("trigger__schedule", "", INVALID),
]
MOVER = [
    *breaks("has(self.secretName) != has(self.configMapName)", "restic__customCA", {}),
    *breaks("has(self.key)", "restic__customCA", {"secretName": "ca"}),
    *breaks(
        "has(self.secretName) != has(self.configMapName)",
        "restic__customCA",
        {"secretName": "a", "configMapName": "b", "key": "c"},
    ),
    *breaks("[-._a-zA-Z0-9]", "restic__customCA", {"secretName": "a", "key": "../c"}, at="spec.restic.customCA.key"),
    *breaks(NAME, "restic__moverServiceAccount", "system:admin"),
    *breaks("key.size()", "restic__moverPodLabels", {"a b": "c"}),
    *breaks("self[key]", "restic__moverPodLabels", {"a": "b c"}),
    Refusal("restic__moverPodLabels", {"a": 1}, WRONG_TYPE, at="spec.restic.moverPodLabels.a"),
    *breaks("startsWith", "restic__moverPodLabels", {"job-name": "x"}, {"scribe.backube/owner": "x"}),
    Refusal(
        "restic__moverResources", {"limits": {"memory": "lots"}}, INVALID, at="spec.restic.moverResources.limits.memory"
    ),
    Refusal(
        "restic__moverResources", {"limits": {"memory": "-1Gi"}}, INVALID, at="spec.restic.moverResources.limits.memory"
    ),
    unknown("restic__moverResources", {"memory": "1Gi"}, at="spec.restic.moverResources.memory"),
    Refusal(
        "restic__moverSecurityContext",
        {"runAsUser": "root"},
        WRONG_TYPE,
        at="spec.restic.moverSecurityContext.runAsUser",
    ),
    Refusal(
        "restic__moverSecurityContext", {"runAsUser": -1}, INVALID, at="spec.restic.moverSecurityContext.runAsUser"
    ),
    *breaks("runAsNonRoot", "restic__moverSecurityContext", {"runAsNonRoot": True, "runAsUser": 0}),
    unknown("restic__moverSecurityContext", {"privileged": True}, at="spec.restic.moverSecurityContext.privileged"),
    Refusal("restic__moverAffinity", {"nodeAffinity": "here"}, WRONG_TYPE, at="spec.restic.moverAffinity.nodeAffinity"),
    *breaks("has(self.nfs)", "restic__moverVolumes", mounted(), at=f"{FIRST_VOLUME}.volumeSource"),
    *breaks(
        "has(self.nfs)",
        "restic__moverVolumes",
        mounted(secret=SECRET, nfs={"server": "b", "path": "/c"}),
        at=f"{FIRST_VOLUME}.volumeSource",
    ),
    unknown("restic__moverVolumes", mounted(hostPath={"path": "/"}), at=f"{FIRST_VOLUME}.volumeSource.hostPath"),
    *breaks(
        "startsWith('/')",
        "restic__moverVolumes",
        mounted(nfs={"server": "b", "path": "c"}),
        at=f"{FIRST_VOLUME}.volumeSource.nfs.path",
    ),
    Refusal("restic__moverVolumes", mounted(secret=SECRET) * 2, DUPLICATE, at="spec.restic.moverVolumes[1]"),
    *breaks(
        "[A-Za-z0-9_]",
        "restic__moverVolumes",
        *(mounted(at=path, secret=SECRET) for path in ("/etc", "../etc", "a/../b", "a//b", "a/", "a b", "a:b")),
        at=f"{FIRST_VOLUME}.mountPath",
    ),
]
OF_BOTH = [
    Refusal("paused", "yes", WRONG_TYPE),
    Refusal("trigger", "daily", WRONG_TYPE),
    *SCHEDULES,
    Refusal("trigger__manual", 7, WRONG_TYPE),
    Refusal("trigger__manual", "x" * 2000, TOO_LONG),
    *breaks(NOT_ONE_LINE, "trigger__manual", "two\nlines"),
    lacks("restic", at="spec"),
    lacks("restic__repository", at="spec.restic"),
    *breaks(NAME, "restic__repository", "s3:http://minio/bucket"),
    Refusal("restic__repository", "", INVALID),
    Refusal("restic__repository", ["x"], WRONG_TYPE),
    lacks("restic__copyMethod", at="spec.restic"),
    Refusal("restic__copyMethod", "clone", NOT_SUPPORTED),
    *breaks(SIZE, "restic__capacity", "0", -1, "-1Gi", "big", "1GB"),
    Refusal("restic__capacity", [1], WRONG_TYPE),
    *breaks(SIZE, "restic__cacheCapacity", "0Gi", "1 Gi"),
    Refusal("restic__accessModes", [], INVALID),
    Refusal("restic__accessModes", "ReadWriteOnce", WRONG_TYPE),
    Refusal("restic__accessModes", ["RWO"], NOT_SUPPORTED, at="spec.restic.accessModes[0]"),
    *breaks("ReadWriteOncePod", "restic__accessModes", ["ReadWriteOncePod", "ReadWriteOnce"]),
    Refusal("restic__cacheAccessModes", [], INVALID),
    Refusal("restic__cacheAccessModes", ["ReadWriteAlways"], NOT_SUPPORTED, at="spec.restic.cacheAccessModes[0]"),
    *breaks("ReadOnlyMany", "restic__cacheAccessModes", ["ReadOnlyMany"]),
    *breaks(NAME, "restic__storageClassName", "Fast Disk"),
    *breaks(NAME, "restic__cacheStorageClassName", "fast_disk"),
    *breaks(NAME, "restic__volumeSnapshotClassName", "a..b"),
    *MOVER,
    unknown("restic__rclone", {}),
    unknown("rsync", {}),
]
OF_A_SOURCE = [
    lacks("sourcePVC", at="spec"),
    Refusal("sourcePVC", "", INVALID),
    *breaks(NAME, "sourcePVC", "My Data"),
    Refusal("sourcePVC", "x" * 300, TOO_LONG),
    Refusal("sourcePVC", ["mydata"], WRONG_TYPE),
    *(
        Refusal(f"restic__retain__{field}", value, reason)
        for field in ("hourly", "daily", "weekly", "monthly", "yearly")
        for value, reason in (("5", WRONG_TYPE), (-1, INVALID), (1.5, WRONG_TYPE), (10**9, INVALID))
    ),
    *breaks("1000000", "restic__retain__last", -1, "-1", "many"),
    *breaks("[ymdh]", "restic__retain__within", "5m3w1d", "30", "0d", "-1d", ""),
    *breaks("has(self.within)", "restic__retain", {"hourly": 0}, {"last": "0", "daily": 0, "yearly": 0}),
    unknown("restic__retain", {"minutely": 1}, at="spec.restic.retain.minutely"),
    Refusal("restic__pruneIntervalDays", -1, INVALID),
    Refusal("restic__pruneIntervalDays", "14", WRONG_TYPE),
    Refusal("restic__pruneIntervalDays", 99999999, INVALID),
    Refusal("restic__checkIntervalDays", -1, INVALID),
    Refusal("restic__checkIntervalDays", value=True, reason=WRONG_TYPE),
    Refusal("restic__excludes", "*.tmp", WRONG_TYPE),
    Refusal("restic__excludes", [""], INVALID, at="spec.restic.excludes[0]"),
    *breaks(NOT_ONE_LINE, "restic__excludes", [" "], ["a\nb"], at="spec.restic.excludes[0]"),
    Refusal("restic__excludes", ["x"] * 101, TOO_MANY),
    *breaks(NOT_ONE_LINE, "restic__tags", ["a,b"], ["a\nb"], at="spec.restic.tags[0]"),
    Refusal("restic__skipIfUnchanged", "true", WRONG_TYPE),
    *breaks(NOT_ONE_LINE, "restic__unlock", "two\nlines"),
    Refusal("restic__unlock", 1, WRONG_TYPE),
    unknown("restic__destinationPVC", "datavol"),
]
OF_A_DESTINATION = [
    Refusal("restic__copyMethod", "Clone", NOT_SUPPORTED),
    *breaks("has(self.destinationPVC) || ", "restic__destinationPVC", None, at="spec.restic"),
    Refusal("restic__destinationPVC", "", INVALID),
    *breaks(NAME, "restic__destinationPVC", "data/vol"),
    *breaks("ReadOnlyMany", "restic__accessModes", ["ReadOnlyMany"]),
    Refusal("restic__previous", -1, INVALID),
    Refusal("restic__previous", "1", WRONG_TYPE),
    *breaks("[Tt]", "restic__restoreAsOf", "yesterday", "2026-01-31", "2026-01-31 12:00:00Z"),
    *breaks("[Tt]", "restic__restoreAsOf", "2026-01-31T12:00:00", "2026-13-31T12:00:00Z"),
    Refusal("restic__enableFileDeletion", 1, WRONG_TYPE),
    Refusal("restic__allowInUse", "no", WRONG_TYPE),
    Refusal("restic__onMissingSnapshot", "fail", NOT_SUPPORTED),
    Refusal("restic__cleanupTempPVC", value=True, reason=INVALID, rule="&& has(self.destinationPVC)", at="spec.restic"),
    Refusal("restic__cleanupTempPVC", value=True, reason=INVALID, rule="== 'Snapshot'", at="spec.restic"),
    Refusal("restic__cleanupCachePVC", {}, WRONG_TYPE),
    unknown("restic__retain", {"daily": 1}),
    unknown("sourcePVC", "mydata"),
]
