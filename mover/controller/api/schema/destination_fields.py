"""``spec`` of a ReplicationDestination."""

from dataclasses import dataclass

from mover.config.limits import MOST_PREVIOUS
from mover.controller.api.object_reader import ObjectReader
from mover.controller.api.schema.cel import Rule, matches
from mover.controller.api.schema.field_types import Choice, Count, Flag, Section, Text, class_name, object_name
from mover.controller.api.schema.pod_fields import POD_FIELDS
from mover.controller.api.schema.shared_fields import PAUSED, REPOSITORY, SpecFields
from mover.controller.api.schema.trigger_fields import TRIGGER
from mover.controller.api.schema.volume_fields import CACHE_VOLUME, SNAPSHOT_CLASS_NAME, AccessModes, Size, VolumeFields
from mover.platform.clock import EXPECTED_TIME


@dataclass(frozen=True)
class Time(Text):
    """A point in time, as RFC 3339 writes it."""

    def own_rules(self) -> tuple[Rule, ...]:
        date = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        time = "([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]{1,9})?"
        zone = "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
        return (Rule(matches(f"^{date}[Tt]{time}{zone}$"), f"must be {EXPECTED_TIME}"),)

    def read(self, values: ObjectReader) -> str | None:
        """Read the time, which stays a text; None if it is not set."""
        return values.time(self.name)


DESTINATION_VOLUME = object_name(
    "destinationPVC",
    "Name of the PersistentVolumeClaim to restore into, in the same namespace. By default a volume is created, with "
    "capacity and accessModes.",
    "PersistentVolumeClaim",
)
COPY_METHOD = Choice(
    "copyMethod",
    "How the restored data is provided as status.latestImage. None or Direct: as the volume itself. Snapshot: as a "
    "VolumeSnapshot, created after each restore.",
    ("None", "Direct", "Snapshot"),
    required="set it to None or Snapshot",
)
NEW_VOLUME = VolumeFields(
    Size(
        "capacity",
        "Size of the volume that is created if destinationPVC is not set. It can grow later, but not shrink.",
    ),
    AccessModes(
        "accessModes",
        "Access modes of the volume that is created if destinationPVC is not set, such as ReadWriteOnce or "
        "ReadWriteMany.",
        is_written=True,
    ),
    class_name(
        "storageClassName",
        "StorageClass of the volume that is created if destinationPVC is not set. Defaults to the cluster's default "
        "class.",
        "StorageClass",
    ),
)
CLEANUP_VOLUME = Flag(
    "cleanupTempPVC",
    "Delete the created volume once its VolumeSnapshot is ready; the next restore starts with an empty volume. "
    "Defaults to false.",
)
RESTORE_AS_OF = Time(
    "restoreAsOf",
    "Restore the latest snapshot that is not newer than this RFC 3339 time with its zone, such as "
    "2026-01-31T12:00:00Z. Defaults to the latest snapshot.",
    64,
)
PREVIOUS = Count(
    "previous",
    "Number of snapshots to go back from the latest one, or from the one that restoreAsOf selects. Defaults to 0.",
    MOST_PREVIOUS,
)
ENABLE_FILE_DELETION = Flag(
    "enableFileDeletion",
    "Delete files from the volume that are not in the snapshot (restic restore --delete). Defaults to false.",
)
ON_MISSING_SNAPSHOT = Choice(
    "onMissingSnapshot",
    "What to do if the repository or the snapshot certainly does not exist. Fail: the sync fails. Continue: the sync "
    "succeeds and leaves the volume as it is, for the first deployment of an application that has no backup yet. "
    "Defaults to Fail.",
    ("Fail", "Continue"),
)
ALLOW_IN_USE = Flag(
    "allowInUse",
    "Restore even while a running pod has the volume mounted. Defaults to false: the restore waits.",
)
CLEANUP_CACHE = Flag("cleanupCachePVC", "Delete the cache volume after each restore. Defaults to false.")
RESTIC = Section(
    "restic",
    "How to restore with restic.",
    (
        REPOSITORY,
        COPY_METHOD,
        DESTINATION_VOLUME,
        NEW_VOLUME.capacity,
        NEW_VOLUME.access_modes,
        NEW_VOLUME.storage_class,
        SNAPSHOT_CLASS_NAME,
        CLEANUP_VOLUME,
        RESTORE_AS_OF,
        PREVIOUS,
        ENABLE_FILE_DELETION,
        ON_MISSING_SNAPSHOT,
        ALLOW_IN_USE,
        CACHE_VOLUME.capacity,
        CACHE_VOLUME.storage_class,
        CACHE_VOLUME.access_modes,
        CLEANUP_CACHE,
        *POD_FIELDS,
    ),
    path="spec.restic",
    required="set it to the repository and how to restore; check that it is indented below spec",
    rules=(
        Rule(
            "has(self.destinationPVC) || has(self.capacity) && has(self.accessModes)",
            "set either destinationPVC, or both capacity and accessModes of the volume to create",
        ),
        Rule(
            "!(has(self.cleanupTempPVC) && self.cleanupTempPVC) || !has(self.copyMethod) || "
            "self.copyMethod == 'Snapshot'",
            "cleanupTempPVC requires copyMethod Snapshot: it would delete the restored data",
        ),
        Rule(
            "!(has(self.cleanupTempPVC) && self.cleanupTempPVC && has(self.destinationPVC))",
            "cleanupTempPVC can't be combined with destinationPVC, which is never deleted",
        ),
    ),
)
SPEC = Section("spec", "What to restore, when and how.", (TRIGGER, PAUSED, RESTIC), path="spec")
FIELDS = SpecFields(SPEC, RESTIC, COPY_METHOD, NEW_VOLUME)
