"""The fields that describe a volume: its size, its StorageClass and its access modes."""

from dataclasses import dataclass

from mover.controller.api.object_reader import ObjectReader
from mover.controller.api.schema.cel import Rule
from mover.controller.api.schema.field_types import Field, Text, class_name
from mover.controller.api.schema.openapi import Schema

ACCESS_MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
LONGEST_SIZE = 64
DEFAULT_CACHE = "1Gi"


@dataclass(frozen=True)
class Size(Field[str | None]):
    """An amount of bytes above zero, as a quantity of Kubernetes."""

    def shape(self) -> Schema:
        return {"x-kubernetes-int-or-string": True, "maxLength": LONGEST_SIZE}

    def own_rules(self) -> tuple[Rule, ...]:
        text = f"self.size() <= {LONGEST_SIZE} && isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))"
        return (Rule(f"type(self) == int ? self > 0 : {text}", "must be a size above zero, such as 10Gi"),)

    def read(self, values: ObjectReader) -> str | None:
        """Read the size, which stays a text; None if it is not set."""
        return values.quantity(self.name)


@dataclass(frozen=True)
class AccessModes(Field[tuple[str, ...]]):
    """The access modes of a volume."""

    is_written: bool = False
    """Whether the mover writes to the volume."""

    def shape(self) -> Schema:
        item = {"type": "string", "enum": list(ACCESS_MODES)}
        return {"type": "array", "minItems": 1, "maxItems": len(ACCESS_MODES), "items": item}

    def own_rules(self) -> tuple[Rule, ...]:
        """Return which modes go together."""
        alone = Rule(
            "!('ReadWriteOncePod' in self) || self.size() == 1",
            "ReadWriteOncePod can't be combined with other access modes",
        )
        writable = Rule(
            "self.exists(mode, mode != 'ReadOnlyMany')",
            "must include a writable access mode: the mover writes to this volume",
        )
        return (alone, writable) if self.is_written else (alone,)

    def read(self, values: ObjectReader) -> tuple[str, ...]:
        modes = values.texts(self.name)
        if all(mode in ACCESS_MODES for mode in modes):
            return modes
        values.reject(self.name, f"a list of {', '.join(ACCESS_MODES)}")
        return ()


@dataclass(frozen=True)
class VolumeFields:
    """The fields of one volume."""

    capacity: Size
    access_modes: AccessModes
    storage_class: Text


CACHE_VOLUME = VolumeFields(
    Size(
        "cacheCapacity",
        "Size of the cache volume, which holds restic's cache and the mover's marker file. It can grow later, but not "
        f"shrink. Defaults to {DEFAULT_CACHE}.",
    ),
    AccessModes(
        "cacheAccessModes",
        "Access modes of the cache volume. Defaults to accessModes, then to those of the volume that is backed up or "
        "restored, or to ReadWriteOnce if those are read-only.",
        is_written=True,
    ),
    class_name(
        "cacheStorageClassName",
        "StorageClass of the cache volume. Defaults to storageClassName, then to that of the volume that is backed up "
        "or restored.",
        "StorageClass",
    ),
)
SNAPSHOT_CLASS_NAME = class_name(
    "volumeSnapshotClassName",
    "VolumeSnapshotClass of the VolumeSnapshots, if copyMethod is Snapshot. Defaults to the cluster's default class.",
    "VolumeSnapshotClass",
)
