"""What a resource asks for: its spec, read tolerantly and validated as a whole.

Each field is declared in `mover.controller.api.schema`, which reads it; here they become the values that the controller
works with, and what fields have to do with each other is checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mover.controller.api.object_reader import ObjectReader
from mover.controller.api.resource_kind import is_source
from mover.controller.api.schedule import Schedule
from mover.controller.api.schema import destination_fields, pod_fields, source_fields
from mover.controller.api.schema.field_types import Section
from mover.controller.api.schema.retain_fields import KEEPS_NOTHING, KEPT_COUNTS, KEPT_WITHIN, RETAIN
from mover.controller.api.schema.shared_fields import PAUSED, REPOSITORY
from mover.controller.api.schema.trigger_fields import MANUAL, SCHEDULE, TRIGGER
from mover.controller.api.schema.volume_fields import CACHE_VOLUME, SNAPSHOT_CLASS_NAME, VolumeFields
from mover.controller.api.schema.volume_sources import VOLUME_SOURCES
from mover.controller.kube.kinds import KubernetesObject

METHODS = ("restic", "rsync", "rsyncTLS", "rclone", "syncthing", "external")


@dataclass(frozen=True)
class VolumeRequest:
    """The parameters of a volume; None and empty: the default."""

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
    """An additional volume of the mover's pod, mounted at ``/mnt/<path>``."""

    path: str
    source: Mapping[str, Any]


@dataclass(frozen=True)
class PodRequest:
    """The parameters of the mover's pod, handed on to Kubernetes as they are."""

    security_context: Mapping[str, Any] | None = None
    service_account: str | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)
    resources: Mapping[str, Any] | None = None
    affinity: Mapping[str, Any] | None = None
    volumes: tuple[MoverVolume, ...] = ()
    custom_ca: CustomCA | None = None


@dataclass(frozen=True)
class BackupRequest:
    """The parameters of a backup; only a source has them."""

    retain: Mapping[str, str]
    """The counts and the duration, by the names of the fields, such as ``daily``."""
    prune_interval_days: int
    check_interval_days: int | None
    excludes: tuple[str, ...]
    tags: tuple[str, ...]
    skip_if_unchanged: bool
    unlock: str


@dataclass(frozen=True)
class RestoreRequest:
    """The parameters of a restore; only a destination has them."""

    previous: int
    as_of: str | None
    delete_extra: bool
    continue_if_missing: bool
    allow_in_use: bool
    delete_volume: bool
    """Delete the volume that the controller created, after each sync."""
    delete_cache: bool


@dataclass(frozen=True)
class Spec:
    """A spec. If there are ``problems`` nothing starts, and the rest is only what could be read."""

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
    """Read the spec of a resource; None if another controller manages it (``external``)."""
    problems: list[str] = []
    spec = ObjectReader(resource.get("spec"), "spec", problems)
    methods = [method for method in METHODS if spec.has(method)]
    if methods == ["external"]:
        return None
    source = is_source(resource)
    fields = source_fields.FIELDS if source else destination_fields.FIELDS
    restic, trigger = fields.restic.read(spec), TRIGGER.read(spec)
    volume = source_fields.SOURCE_VOLUME.read(spec) if source else destination_fields.DESTINATION_VOLUME.read(restic)
    read = Spec(
        problems=(),
        paused=PAUSED.read(spec),
        manual=MANUAL.read(trigger) or "",
        schedule=SCHEDULE.read(trigger),
        repository=REPOSITORY.read(restic) or "",
        copy_method=_copy_method(fields.copy_method.read(restic)),
        volume=volume or None,
        data=_volume(fields.data, restic),
        cache=_volume(CACHE_VOLUME, restic),
        snapshot_class=SNAPSHOT_CLASS_NAME.read(restic),
        pod=_pod(restic),
        backup=_backup(restic),
        restore=_restore(restic),
    )
    _check_methods(spec, methods)
    _check_required(fields.spec, spec)
    if spec.has(fields.restic.name):
        _check_required(fields.restic, restic)
        _check_new_volume(restic, is_needed=not source and not volume)
    return replace(read, problems=tuple(dict.fromkeys(problems)))


def _check_methods(spec: ObjectReader, methods: list[str]) -> None:
    if methods not in ([], ["restic"]):
        spec.problem(f"{spec.path}: unsupported method {' and '.join(methods)}; set restic, and no other method")


def _check_required(section: Section, values: ObjectReader) -> None:
    for field_ in section.fields:
        if field_.required and values.values.get(field_.name) in (None, ""):
            values.problem(field_.required_message(values.path))


def _check_new_volume(restic: ObjectReader, *, is_needed: bool) -> None:
    volume = destination_fields.NEW_VOLUME
    unset = [name for name in (volume.capacity.name, volume.access_modes.name) if not restic.has(name)]
    for name in unset if is_needed else ():
        restic.problem(f"{restic.path}.{name} is required unless destinationPVC is set")


def _copy_method(method: str | None) -> str:
    return "None" if method in (None, "Direct") else method


def _volume(fields: VolumeFields, restic: ObjectReader) -> VolumeRequest:
    return VolumeRequest(
        fields.capacity.read(restic), fields.storage_class.read(restic), fields.access_modes.read(restic)
    )


def _backup(restic: ObjectReader) -> BackupRequest:
    days = source_fields.PRUNE_INTERVAL_DAYS.read(restic)
    return BackupRequest(
        retain=_retain(RETAIN.read(restic)),
        prune_interval_days=source_fields.DEFAULT_PRUNE_INTERVAL_DAYS if days is None else days,
        check_interval_days=source_fields.CHECK_INTERVAL_DAYS.read(restic),
        excludes=source_fields.EXCLUDES.read(restic),
        tags=source_fields.TAGS.read(restic),
        skip_if_unchanged=source_fields.SKIP_IF_UNCHANGED.read(restic),
        unlock=source_fields.UNLOCK.read(restic) or "",
    )


def _retain(retain: ObjectReader) -> dict[str, str]:
    counts = {count.name: count.read(retain) for count in KEPT_COUNTS}
    kept = {name: str(count) for name, count in counts.items() if count is not None}
    within = KEPT_WITHIN.read(retain)
    if kept and not within and not any(counts.values()):
        retain.problem(f"{retain.path}: {KEEPS_NOTHING}")
    return kept | ({KEPT_WITHIN.name: within} if within else {})


def _restore(restic: ObjectReader) -> RestoreRequest:
    return RestoreRequest(
        previous=destination_fields.PREVIOUS.read(restic) or 0,
        as_of=destination_fields.RESTORE_AS_OF.read(restic),
        delete_extra=destination_fields.ENABLE_FILE_DELETION.read(restic),
        continue_if_missing=destination_fields.ON_MISSING_SNAPSHOT.read(restic) == "Continue",
        allow_in_use=destination_fields.ALLOW_IN_USE.read(restic),
        delete_volume=destination_fields.CLEANUP_VOLUME.read(restic),
        delete_cache=destination_fields.CLEANUP_CACHE.read(restic),
    )


def _pod(restic: ObjectReader) -> PodRequest:
    return PodRequest(
        security_context=pod_fields.SECURITY_CONTEXT.read(restic),
        service_account=pod_fields.SERVICE_ACCOUNT.read(restic) or None,
        labels=pod_fields.POD_LABELS.read(restic),
        resources=pod_fields.RESOURCES.read(restic),
        affinity=pod_fields.AFFINITY.read(restic),
        volumes=_volumes(restic),
        custom_ca=_custom_ca(pod_fields.CUSTOM_CA.read(restic)),
    )


def _custom_ca(ca: ObjectReader) -> CustomCA | None:
    key = pod_fields.CA_KEY.read(ca)
    secret, config_map = pod_fields.CA_SECRET.read(ca), pod_fields.CA_CONFIG_MAP.read(ca)
    if not key and not secret and not config_map:
        return None
    if not key or not (secret or config_map):
        ca.problem(f"{ca.path}: incomplete; set key, and secretName or configMapName")
        return None
    return CustomCA(key, secret=secret, config_map=None if secret else config_map)


def _volumes(restic: ObjectReader) -> tuple[MoverVolume, ...]:
    read: list[MoverVolume] = []
    for volume in pod_fields.VOLUMES.read(restic):
        path = (pod_fields.MOUNT_PATH.read(volume) or "").strip("/")
        source = pod_fields.VOLUME_SOURCE.read(volume)
        chosen = [part for part in VOLUME_SOURCES if source.has(part.name)]
        if not path or ".." in path.split("/") or ":" in path or path in {known.path for known in read}:
            volume.reject(pod_fields.MOUNT_PATH.name, "a path below /mnt that no other volume has")
        elif len(chosen) != 1 or len(source.values) != 1:
            names = ", ".join(part.name for part in VOLUME_SOURCES)
            volume.reject(pod_fields.VOLUME_SOURCE.name, f"exactly one of {names}")
        else:
            chosen[0].read(source)
            read.append(MoverVolume(path, source.values))
    return tuple(read)
