"""What a resource asks for: its spec, read tolerantly and validated as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mover.config.retention import COUNTS, MOST_KEPT, WITHIN
from mover.config.settings import MOST_DAYS
from mover.controller.api.fields import Fields
from mover.controller.api.schedule import Schedule, ScheduleError, parse
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.names import is_source

METHODS = ("restic", "rsync", "rsyncTLS", "rclone", "syncthing", "external")
DEFAULT_CACHE = "1Gi"
DEFAULT_PRUNE_INTERVAL = 7
ACCESS_MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
MOST_PREVIOUS = 1_000_000
VOLUME_SOURCES = ("persistentVolumeClaim", "secret", "nfs")


@dataclass(frozen=True)
class VolumeRequest:
    """What a volume shall be like; None and empty: what it is by default."""

    capacity: str | None = None
    storage_class: str | None = None
    access_modes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CustomCA:
    """Where the CA bundle is: the key of a Secret or of a ConfigMap."""

    key: str
    secret: str | None = None
    config_map: str | None = None


@dataclass(frozen=True)
class MoverVolume:
    """One more volume in the mover's pod, mounted at ``/mnt/<path>``."""

    path: str
    source: Mapping[str, Any]


@dataclass(frozen=True)
class PodRequest:
    """What the mover's pod shall be like; handed on to Kubernetes as it is."""

    security_context: Mapping[str, Any] | None = None
    service_account: str | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)
    resources: Mapping[str, Any] | None = None
    affinity: Mapping[str, Any] | None = None
    volumes: tuple[MoverVolume, ...] = ()
    custom_ca: CustomCA | None = None


@dataclass(frozen=True)
class BackupRequest:
    """What only a source asks for."""

    retain: Mapping[str, str]
    """By the names of the fields, such as ``daily``."""
    prune_interval_days: int
    check_interval_days: int | None
    excludes: tuple[str, ...]
    tags: tuple[str, ...]
    skip_if_unchanged: bool
    unlock: str


@dataclass(frozen=True)
class RestoreRequest:
    """What only a destination asks for."""

    previous: int
    as_of: str | None
    delete_extra: bool
    go_on_without_snapshot: bool
    allow_in_use: bool
    delete_volume: bool
    """Delete the volume the controller made, after each sync."""
    delete_cache: bool


@dataclass(frozen=True)
class Spec:
    """A spec. Where there are ``problems`` nothing may start; the rest is then only what could be read."""

    problems: tuple[str, ...]
    paused: bool
    manual: str
    """The tag of the manual trigger; empty: there is none."""
    schedule: Schedule | None
    repository: str
    """Name of the Secret."""
    copy_method: str
    """``Clone``, ``Snapshot`` or ``None``."""
    volume: str | None
    """Name of the PersistentVolumeClaim to back up, or to restore into."""
    data: VolumeRequest
    cache: VolumeRequest
    snapshot_class: str | None
    pod: PodRequest
    backup: BackupRequest
    restore: RestoreRequest


def read_spec(resource: KubernetesObject) -> Spec | None:
    """Read the spec of a resource; None where another controller looks after it (``external``)."""
    problems: list[str] = []
    spec = Fields(resource.get("spec"), "spec", problems)
    given = [method for method in METHODS if spec.has(method)]
    if given == ["external"]:
        return None
    if given != ["restic"]:
        problems.append(_wrong_method(given))
    restic, trigger = spec.section("restic"), spec.section("trigger")
    source = is_source(resource)
    volume = spec.text("sourcePVC") if source else restic.text("destinationPVC")
    read = Spec(
        problems=(),
        paused=spec.flag("paused"),
        manual=trigger.text("manual") or "",
        schedule=_schedule(trigger),
        repository=restic.text("repository") or "",
        copy_method=_copy_method(restic, source=source),
        volume=volume or None,
        data=_volume(restic, "capacity", "storageClassName", "accessModes"),
        cache=_volume(restic, "cacheCapacity", "cacheStorageClassName", "cacheAccessModes"),
        snapshot_class=restic.text("volumeSnapshotClassName"),
        pod=_pod(restic),
        backup=_backup(restic),
        restore=_restore(restic),
    )
    if given == ["restic"]:
        problems += _missing(restic, read, source=source)
    return replace(read, problems=tuple(dict.fromkeys(problems)))


def _wrong_method(given: list[str]) -> str:
    if given:
        return f"spec has {' and '.join(given)}: this controller knows restic, and one method at a time"
    return "spec.restic is not set: it says where the repository is (mind that it is indented below spec)"


def _missing(restic: Fields, read: Spec, *, source: bool) -> list[str]:
    problems = []
    if not restic.values.get("repository"):
        problems.append("spec.restic.repository is not set: it should be the name of the Secret of the repository")
    if not restic.has("copyMethod"):
        methods = "Clone, Snapshot or None" if source else "Snapshot or None"
        problems.append(f"spec.restic.copyMethod is not set: it should be {methods}")
    if source and not read.volume:
        problems.append("spec.sourcePVC is not set: it should be the name of the PersistentVolumeClaim to back up")
    if not source and not read.volume:
        unset = [name for name in ("capacity", "accessModes") if not restic.has(name)]
        problems += [f"spec.restic.{name} must be set where destinationPVC is not" for name in unset]
    return problems


def _schedule(trigger: Fields) -> Schedule | None:
    text = trigger.text("schedule")
    if not text:
        return None
    try:
        return parse(text)
    except ScheduleError as error:
        trigger.complain("schedule", f"five fields of cron such as '*/30 * * * *' ({error})")
        return None


def _copy_method(restic: Fields, *, source: bool) -> str:
    methods = ("None", "Direct", "Clone", "Snapshot") if source else ("None", "Direct", "Snapshot")
    method = restic.choice("copyMethod", methods) or "None"
    return "None" if method == "Direct" else method


def _volume(restic: Fields, capacity: str, storage_class: str, modes: str) -> VolumeRequest:
    return VolumeRequest(restic.quantity(capacity), restic.text(storage_class), _modes(restic, modes))


def _modes(restic: Fields, name: str) -> tuple[str, ...]:
    modes = restic.texts(name)
    if all(mode in ACCESS_MODES for mode in modes):
        return modes
    restic.complain(name, f"a list of {', '.join(ACCESS_MODES)}")
    return ()


def _backup(restic: Fields) -> BackupRequest:
    tags = restic.texts("tags")
    if any("," in tag for tag in tags):
        restic.complain("tags", "a list of tags without commas")
    days = restic.number("pruneIntervalDays", MOST_DAYS)
    return BackupRequest(
        retain=_retain(restic.section("retain")),
        prune_interval_days=DEFAULT_PRUNE_INTERVAL if days is None else days,
        check_interval_days=restic.number("checkIntervalDays", MOST_DAYS),
        excludes=restic.texts("excludes"),
        tags=tags,
        skip_if_unchanged=restic.flag("skipIfUnchanged"),
        unlock=restic.text("unlock") or "",
    )


def _retain(retain: Fields) -> dict[str, str]:
    last = retain.values.get("last")
    if isinstance(last, str) and last.isascii() and last.isdecimal():
        # VolSync has it as a text, alone of all the counts.
        retain.values = {**retain.values, "last": int(last[:9])}
    counts = {name: retain.number(name, MOST_KEPT) for name in COUNTS}
    kept = {name: str(count) for name, count in counts.items() if count is not None}
    within = retain.text("within") or ""
    if within and not (WITHIN.fullmatch(within) and any(digit in within for digit in "123456789")):
        retain.complain("within", "a duration of years, months, days and hours, such as 1y6m15d12h")
        within = ""
    if kept and not within and not any(counts.values()):
        retain.problems.append(f"{retain.path} has only zeros, which would forget every snapshot")
    return kept | ({"within": within} if within else {})


def _restore(restic: Fields) -> RestoreRequest:
    return RestoreRequest(
        previous=restic.number("previous", MOST_PREVIOUS) or 0,
        as_of=restic.time("restoreAsOf"),
        delete_extra=restic.flag("enableFileDeletion"),
        go_on_without_snapshot=restic.choice("onMissingSnapshot", ("Fail", "Continue")) == "Continue",
        allow_in_use=restic.flag("allowInUse"),
        delete_volume=restic.flag("cleanupTempPVC"),
        delete_cache=restic.flag("cleanupCachePVC"),
    )


def _pod(restic: Fields) -> PodRequest:
    return PodRequest(
        security_context=restic.object("moverSecurityContext"),
        service_account=restic.text("moverServiceAccount") or None,
        labels=_labels(restic.section("moverPodLabels")),
        resources=restic.object("moverResources"),
        affinity=restic.object("moverAffinity"),
        volumes=_volumes(restic),
        custom_ca=_custom_ca(restic.section("customCA")),
    )


def _labels(labels: Fields) -> dict[str, str]:
    return {name: labels.text(name) or "" for name in labels.values}


def _custom_ca(ca: Fields) -> CustomCA | None:
    key, secret, config_map = ca.text("key"), ca.text("secretName"), ca.text("configMapName")
    if not key and not secret and not config_map:
        return None
    if not key or not (secret or config_map):
        ca.problems.append(f"{ca.path} needs a key, and a secretName or a configMapName")
        return None
    return CustomCA(key, secret=secret, config_map=None if secret else config_map)


def _volumes(restic: Fields) -> tuple[MoverVolume, ...]:
    read: list[MoverVolume] = []
    for volume in restic.sections("moverVolumes"):
        path, source = (volume.text("mountPath") or "").strip("/"), volume.section("volumeSource")
        chosen = [name for name in VOLUME_SOURCES if source.has(name)]
        if not path or ".." in path.split("/") or ":" in path or path in {known.path for known in read}:
            volume.complain("mountPath", "the path of a folder below /mnt, another one for each volume")
        elif len(chosen) != 1 or len(source.values) != 1:
            volume.complain("volumeSource", f"one of {', '.join(VOLUME_SOURCES)}")
        else:
            source.section(chosen[0])
            read.append(MoverVolume(path, source.values))
    return tuple(read)
