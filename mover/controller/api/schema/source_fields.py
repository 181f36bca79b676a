"""``spec`` of a ReplicationSource."""

from mover.config.limits import MOST_DAYS
from mover.controller.api.schema.field_types import (
    ONE_LINE,
    Choice,
    Count,
    Flag,
    Section,
    Text,
    TextList,
    class_name,
    object_name,
)
from mover.controller.api.schema.pod_fields import POD_FIELDS
from mover.controller.api.schema.retain_fields import RETAIN
from mover.controller.api.schema.shared_fields import PAUSED, REPOSITORY, SpecFields
from mover.controller.api.schema.trigger_fields import TRIGGER
from mover.controller.api.schema.volume_fields import (
    CACHE_VOLUME,
    SNAPSHOT_CLASS_NAME,
    AccessModes,
    Size,
    VolumeFields,
)

DEFAULT_PRUNE_INTERVAL_DAYS = 7

SOURCE_VOLUME = object_name(
    "sourcePVC",
    "Name of the PersistentVolumeClaim to back up, in the same namespace.",
    "PersistentVolumeClaim",
    required="set it to the name of the PersistentVolumeClaim to back up",
)
COPY_METHOD = Choice(
    "copyMethod",
    "Point in time that is backed up. Clone: a clone of the volume, created before each backup. Snapshot: a volume "
    "created from a VolumeSnapshot, for storage that can't clone. None or Direct: the volume itself while in use.",
    ("Clone", "Snapshot", "None", "Direct"),
    required="set it to Clone, Snapshot or None",
)
COPY = VolumeFields(
    Size(
        "capacity",
        "Size of the clone, or of the volume created from the snapshot. Defaults to that of the source volume.",
    ),
    AccessModes(
        "accessModes",
        "Access modes of the clone, or of the volume created from the snapshot. Defaults to those of the source "
        "volume.",
    ),
    class_name(
        "storageClassName",
        "StorageClass of the clone, or of the volume created from the snapshot. Defaults to that of the source volume.",
        "StorageClass",
    ),
)
PRUNE_INTERVAL_DAYS = Count(
    "pruneIntervalDays",
    "Number of days between prunes, which free the space of removed snapshots (restic prune) and download some of the "
    f"repository for it. 0: after each backup. Defaults to {DEFAULT_PRUNE_INTERVAL_DAYS}.",
    MOST_DAYS,
)
CHECK_INTERVAL_DAYS = Count(
    "checkIntervalDays",
    "Number of days between checks of the repository's structure (restic check). 0: after each backup. By default the "
    "repository is never checked.",
    MOST_DAYS,
)
EXCLUDES = TextList(
    "excludes",
    "Patterns of files to exclude from the backup (restic backup --exclude), relative to the volume, such as *.tmp or "
    "cache/**.",
    longest=1024,
    most=100,
    expected="one pattern in one line",
)
TAGS = TextList(
    "tags",
    "Tags to add to the snapshots (restic backup --tag).",
    longest=256,
    most=64,
    expected="one tag: text without commas and line breaks",
    forbidden=",",
)
SKIP_IF_UNCHANGED = Flag(
    "skipIfUnchanged",
    "Create no snapshot if nothing changed since the previous one; then no snapshots are removed either. Defaults to "
    "false.",
)
UNLOCK = Text(
    "unlock",
    "Tag of a manual unlock. Whenever the tag changes, the next sync first removes stale locks from the repository "
    "(restic unlock). Locks left by killed movers of this resource are removed without it. The value has no meaning of "
    "its own.",
    1024,
    rules=(ONE_LINE,),
)
RESTIC = Section(
    "restic",
    "How to back up with restic.",
    (
        REPOSITORY,
        COPY_METHOD,
        COPY.capacity,
        COPY.access_modes,
        COPY.storage_class,
        SNAPSHOT_CLASS_NAME,
        RETAIN,
        PRUNE_INTERVAL_DAYS,
        CHECK_INTERVAL_DAYS,
        EXCLUDES,
        TAGS,
        SKIP_IF_UNCHANGED,
        UNLOCK,
        CACHE_VOLUME.capacity,
        CACHE_VOLUME.storage_class,
        CACHE_VOLUME.access_modes,
        *POD_FIELDS,
    ),
    path="spec.restic",
    required="set it to the repository and how to back up; check that it is indented below spec",
)
SPEC = Section(
    "spec",
    "What to back up, when and how.",
    (SOURCE_VOLUME, TRIGGER, PAUSED, RESTIC),
    path="spec",
)
FIELDS = SpecFields(SPEC, RESTIC, COPY_METHOD, COPY)
