"""What people see of the controller: every condition, event and log message of a decision."""

from typing import Any

from mover.controller.kube.kinds import POD, VOLUME_CLAIM, VOLUME_SNAPSHOT, Kind
from mover.exit_codes import ExitCode
from tests.support.fake_cluster import FakeCluster, outcome
from tests.support.golden import GoldenFiles, Page, normalised
from tests.support.manifests import Object, claim, destination, source, user_pod

ONCE = {"manual": "once"}
OWN: dict[str, Any] = {"destinationPVC": None, "capacity": "3Gi", "accessModes": ["ReadWriteOnce"]}
PRIVILEGED: Object = {"annotations": {"scribe.backube/privileged-movers": "true"}}


class Example:
    """A resource in a cluster, and what a user sees of it."""

    def __init__(self, made: Object, **around: Any) -> None:  # noqa: ANN401  any field of Observed
        self.cluster = FakeCluster(made)
        self._around = around
        self._messages: list[str] = []

    def reconcile(self, times: int = 6) -> None:
        """Reconcile until nothing more is to be done, and keep what is logged of it."""
        for _ in range(times):
            decision = self.cluster.step(**self._around)
            if decision.message not in self._messages:
                self._messages.append(decision.message)
            if not decision.writes:
                return

    def put(self, kind: Kind, item: Object) -> None:
        """Put an object into the cluster."""
        self.cluster.objects[kind, item["metadata"]["name"]] = item
        self.cluster.remember()

    def sync(self, code: int = 0, written: str | None = None, **fields: Any) -> None:  # noqa: ANN401  of the outcome
        """Let an attempt go from its start to its end."""
        for _ in range(2):
            self.reconcile()
            self.cluster.make_snapshots_ready()
        self.reconcile()
        self.cluster.start_pod()
        self.reconcile()
        self.cluster.end_pod(code, outcome(code, **fields) if written is None else written)
        self.reconcile()
        self.cluster.make_snapshots_ready()
        self.reconcile()

    def add_to(self, page: Page, heading: str) -> None:
        """Add to a page what was logged, the conditions as they are now, and the events."""
        logged = [f"log: {message}" for message in self._messages]
        conditions = [
            f"condition: {c['type']} {c['status']} {c['reason']}: {c['message']}"
            for c in self.cluster.status.get("conditions", [])
        ]
        events = [f"event: {event.type} {event.reason}: {event.message}" for event in self.cluster.events]
        page.add(heading, [normalised(line) for line in [*logged, *conditions, *events]])


def check(golden: GoldenFiles, page: Page, examples: dict[str, Example]) -> None:
    for heading, example in examples.items():
        example.reconcile()
        example.add_to(page, heading)
    golden.check(page.title.lower().replace(": ", "-").replace(" ", "-"), page)


def test_syncs(golden: GoldenFiles) -> None:
    examples = {f"A backup by {method}": Example(source(ONCE, copyMethod=method)) for method in ("None", "Clone")}
    examples["A backup by Snapshot"] = Example(source(ONCE, copyMethod="Snapshot"))
    examples["A restore"] = Example(destination(ONCE))
    examples["A restore that is preserved"] = Example(destination(ONCE, copyMethod="Snapshot", **OWN))
    examples["Scheduled"] = Example(source({"schedule": "0 3 * * *"}))
    examples["Without a trigger, and without retain"] = Example(source(retain=None))
    for example in examples.values():
        example.sync(message="Snapshot 1a2b3c4d saved with 3 files, 6 B")
    paused = Example(source(ONCE, spec={"paused": True}))
    external = Example(source(ONCE, spec={"external": {"provider": "another"}}))
    examples |= {"Paused": paused, "Of another controller": external, "Being deleted": deleted()}
    page = Page("Controller: syncs", "What users see of syncs that succeed, and of what waits.")
    check(golden, page, examples)


def deleted() -> Example:
    example = Example(source(ONCE))
    example.cluster.resource["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    example.cluster.remember()
    return example


def test_blocked_syncs(golden: GoldenFiles) -> None:
    missing, lost, block, used, taken = (
        Example(made) for made in (source(), source(), source(), destination(), source())
    )
    del missing.cluster.objects[VOLUME_CLAIM, "data"]
    missing.cluster.remember()
    lost.put(VOLUME_CLAIM, claim() | {"status": {"phase": "Lost"}})
    block.put(VOLUME_CLAIM, claim(volumeMode="Block"))
    used.put(POD, user_pod())
    taken.put(VOLUME_CLAIM, {"kind": "PersistentVolumeClaim", "metadata": {"name": "scribe-src-photos-cache"}})
    older = source()
    older["metadata"] |= {"name": "zoo", "uid": "uid-zoo", "creationTimestamp": "2025-01-01T00:00:00Z"}
    shared = Example(source())
    shared = Example(source(), sources=(shared.cluster.resource, older))
    volumes = [{"mountPath": "x", "volumeSource": {"persistentVolumeClaim": {"claimName": "none"}}}]
    nfs = [{"mountPath": "x", "volumeSource": {"nfs": {"server": "nas", "path": "/"}}}]
    user = {"runAsUser": 1000, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    examples = {
        "The volume is missing": missing,
        "The volume is lost": lost,
        "The volume is a block device": block,
        "The volume is in use": used,
        "An object has the name of another's": taken,
        "Two sources share a repository": shared,
        "A volume of the mover is missing": Example(source(moverVolumes=volumes)),
        "A StorageClass is missing": Example(source(copyMethod="Clone", storageClassName="none")),
        "A VolumeSnapshotClass is missing": Example(source(copyMethod="Snapshot", volumeSnapshotClassName="none")),
        "The cluster has no VolumeSnapshots": Example(source(copyMethod="Snapshot"), snapshots=None),
        "The API server refuses a write": Example(source(), refusal="jobs.batch is forbidden: exceeded quota"),
        "The namespace is restricted": Example(source(), namespace=namespace("restricted")),
        "The namespace is baseline, and privileged": Example(source(), namespace=namespace("baseline") | privileged()),
        "A restricted namespace, with NFS": Example(
            source(moverVolumes=nfs, moverSecurityContext=user), namespace=namespace("restricted")
        ),
    }
    check(golden, Page("Controller: obstacles", "What users see where a sync can't start."), examples)


def namespace(standard: str) -> Object:
    return {"metadata": {"name": "home", "labels": {"pod-security.kubernetes.io/enforce": standard}}}


def privileged() -> Object:
    return {"metadata": {**namespace("baseline")["metadata"], **PRIVILEGED}}


def test_stalled_attempts(golden: GoldenFiles) -> None:
    examples = {
        "The Job has no pod": Example(source(ONCE)),
        "The pod can't start": waiting_pod(),
        "A VolumeSnapshot is not ready": Example(source(ONCE, copyMethod="Snapshot")),
        "A VolumeSnapshot has an error": failing_snapshot(),
        "Three pods were evicted": disrupted(),
        "The snapshot is larger than the capacity": small_copy(),
        "A volume can't shrink": resized("1Gi", can_grow=True),
        "A volume can't grow": resized("9Gi", can_grow=False),
    }
    for heading in ("The Job has no pod", "A VolumeSnapshot is not ready"):
        examples[heading].reconcile()
        examples[heading].cluster.later(minutes=2)
    check(golden, Page("Controller: attempts that make no progress", "What users see of a running sync."), examples)


def waiting_pod() -> Example:
    example = Example(source(ONCE))
    example.reconcile()
    example.cluster.start_pod()
    pod = example.cluster.mover()
    assert pod is not None
    waiting = {"reason": "CreateContainerConfigError", "message": 'secret "restic-config" not found'}
    pod["status"] = {"phase": "Pending", "containerStatuses": [{"name": "mover", "state": {"waiting": waiting}}]}
    example.cluster.remember()
    return example


def failing_snapshot() -> Example:
    example = Example(source(ONCE, copyMethod="Snapshot"))
    example.reconcile()
    example.cluster.of(VOLUME_SNAPSHOT)[0]["status"] = {"error": {"message": "no default class"}}
    example.cluster.remember()
    return example


def disrupted() -> Example:
    example = Example(source(ONCE))
    example.reconcile()
    for _ in range(3):
        example.cluster.start_pod()
        example.cluster.disrupt_pod()
        example.reconcile()
        pod = example.cluster.mover()
        if pod:
            del example.cluster.objects[POD, pod["metadata"]["name"]]
    return example


def small_copy() -> Example:
    example = Example(source(ONCE, copyMethod="Snapshot", capacity="1Gi"))
    example.reconcile()
    example.cluster.make_snapshots_ready()
    return example


def resized(capacity: str, *, can_grow: bool) -> Example:
    classes = ({"metadata": {"name": "fast"}, "allowVolumeExpansion": can_grow},)
    example = Example(source(ONCE, cacheCapacity="5Gi", cacheStorageClassName="fast"), storage_classes=classes)
    example.sync()
    example.cluster.edit(restic={**example.cluster.resource["spec"]["restic"], "cacheCapacity": capacity})
    return example


def test_job_results(golden: GoldenFiles) -> None:
    page = Page("Controller: ends of movers", "What users see of each way in which a mover can end.")
    examples = {}
    for code in ExitCode:
        examples[f"{int(code)} ({code.outcome})"] = Example(source(ONCE))
        examples[f"{int(code)} ({code.outcome})"].sync(int(code), message=f"The message of the mover ({code.outcome})")
    for heading, (number, text) in {
        "An unknown exit code": (99, ""),
        "Killed by the kernel": (137, ""),
        "A torn message": (1, "{"),
    }.items():
        examples[heading] = Example(source(ONCE))
        examples[heading].sync(number, text)
    examples["A second failure"] = Example(source(ONCE))
    examples["A second failure"].sync(22, message="The backend does not answer")
    examples["A second failure"].cluster.later(minutes=30)
    examples["A second failure"].sync(22, message="The backend does not answer")
    failed = [{"operation": "forget", "outcome": "maintenance-failed"}]
    examples["Partial, with a failed forget"] = Example(source(ONCE))
    examples["Partial, with a failed forget"].sync(3, message="1 file could not be read", operations=failed)
    check(golden, page, examples)


def test_invalid_specs(golden: GoldenFiles) -> None:
    page = Page("Controller: wrong specs", "What the condition InvalidSpec says of each field.")
    examples = {}
    for change in WRONG:
        examples[", ".join(f"{name}: {value!r}" for name, value in change.items())] = Example(source(**change))
    for schedule in ("0 0 31 2 *", "@sometimes", "60 * * * *"):
        examples[f"schedule: {schedule!r}"] = Example(source({"schedule": schedule}))
    examples["A destination without a volume"] = Example(destination(destinationPVC=None))
    check(golden, page, examples)


WRONG: tuple[dict[str, Any], ...] = (
    {"copyMethod": "Copy"},
    {"copyMethod": None},
    {"repository": ""},
    {"pruneIntervalDays": -1},
    {"retain": {"daily": "7"}},
    {"retain": {"within": "2 weeks"}},
    {"retain": {"daily": 0}},
    {"retain": "all"},
    {"cacheCapacity": "1 GB"},
    {"accessModes": ["RWO"]},
    {"excludes": ["a\nb"]},
    {"tags": ["a,b"]},
    {"customCA": {"key": "ca.crt"}},
    {"moverVolumes": [{"mountPath": "../etc", "volumeSource": {"secret": {}}}]},
    {"moverVolumes": [{"mountPath": "x", "volumeSource": {"hostPath": {"path": "/"}}}]},
    {"copyMethod": "Copy", "repository": "", "retain": {"daily": 0}},
)
