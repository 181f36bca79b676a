"""The types and reasons of a resource's conditions, each with its meaning for users, and how long a message may be.

``Synchronizing`` is always there, and its reason is the resource's state. Each of the other types is there only
while it holds, with the status ``True``. docs/controller/conditions.md has a row for each.
"""

from enum import StrEnum

from mover.exit_codes import ExitCode

LONGEST_MESSAGE = 1024
"""Characters of a condition's message."""


class Type(StrEnum):
    """The types of conditions."""

    SYNCHRONIZING = "Synchronizing"
    """True while an attempt to back up or restore is running."""
    PARTIAL_BACKUP = "PartialBackup"
    """The last sync succeeded, but some files could not be read (exit code 3)."""
    MAINTENANCE_FAILED = "MaintenanceFailed"
    """The last sync succeeded, but its forget, prune or check failed (exit code 20); the next one tries again."""
    NOTHING_FORGOTTEN = "NothingForgotten"
    """There is no ``retain``: every snapshot is kept, and the repository keeps growing."""
    REPOSITORY_SHARED = "RepositoryShared"
    """An older source of the namespace uses the same Secret; this one does not start."""
    VOLUME_SIZE = "VolumeSize"
    """A volume can't get the requested size; syncs continue with the size it has."""


class Reason(StrEnum):
    """The reasons of conditions, beside those for how a run failed (see `reason_of`)."""

    # Synchronizing is True.
    SYNC_IN_PROGRESS = "SyncInProgress"
    """Nothing needs attention."""
    MOVER_NOT_STARTING = "MoverNotStarting"
    """The pod can't start; the message is what Kubernetes reports: a missing Secret, an image, no room on a node."""
    SNAPSHOT_NOT_READY = "SnapshotNotReady"
    """A VolumeSnapshot is not ready after a minute, or reports an error."""

    # Synchronizing is False, and nothing needs attention.
    WAITING_FOR_SCHEDULE = "WaitingForSchedule"
    WAITING_FOR_MANUAL = "WaitingForManual"
    WAITING_FOR_NEXT = "WaitingForNext"
    """Neither a schedule nor a manual trigger: the next sync starts a minute after the last one."""
    PAUSED = "Paused"

    # Synchronizing is False until a user changes something; it then resolves by itself.
    INVALID_SPEC = "InvalidSpec"
    """The message lists every field that is wrong."""
    REPOSITORY_SHARED = "RepositoryShared"
    VOLUME_MISSING = "VolumeMissing"
    """A PersistentVolumeClaim that is named does not exist, or is being deleted."""
    VOLUME_UNUSABLE = "VolumeUnusable"
    """A block volume, a volume that is lost, or a capacity that can't hold the copy."""
    VOLUME_IN_USE = "VolumeInUse"
    """A pod has the volume mounted that would be restored into; ``allowInUse`` allows that."""
    CLASS_MISSING = "ClassMissing"
    """A StorageClass or VolumeSnapshotClass that is named does not exist."""
    SNAPSHOTS_UNSUPPORTED = "SnapshotsUnsupported"
    """The cluster has no VolumeSnapshots."""
    NAME_TAKEN = "NameTaken"
    """An object that this controller does not manage has the name of one that it needs."""
    POD_SECURITY = "PodSecurity"
    """The namespace enforces a Pod Security standard that refuses the mover; the message says what to set."""
    REFUSED_BY_API = "RefusedByAPI"
    """The API server refused a write of the controller; the message is the API server's."""

    # Synchronizing is False after a failure, until the next attempt.
    DISRUPTED = "Disrupted"
    """Three pods in a row were evicted or lost their node."""
    NO_OUTCOME = "NoOutcome"
    """How the mover ended is unknown: an unknown exit code without a message, or its pod is gone."""

    # Of the other types.
    FILES_UNREADABLE = "FilesUnreadable"
    MAINTENANCE_FAILED = "UpkeepFailed"
    """Forget, prune or check failed. Scripts rely on the value, which is older than the word maintenance."""
    NO_RETAIN = "NoRetain"
    SAME_SECRET = "SameSecret"  # noqa: S105  the name of a reason
    CANNOT_SHRINK = "CannotShrink"
    CANNOT_GROW = "CannotGrow"


NORMAL = {
    Reason.SYNC_IN_PROGRESS,
    Reason.WAITING_FOR_SCHEDULE,
    Reason.WAITING_FOR_MANUAL,
    Reason.WAITING_FOR_NEXT,
    Reason.PAUSED,
}
"""Reasons that need no attention: no event is recorded for them."""


def reason_of(code: ExitCode) -> str:
    """Return the reason for a run that failed with this code: its name, such as ``WrongPassword``."""
    return "".join(word.capitalize() for word in code.name.split("_"))


def shortened(message: str) -> str:
    """Return a message as one line of text that fits into a condition and into an event."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return clean if len(clean) <= LONGEST_MESSAGE else clean[: LONGEST_MESSAGE - 1] + "…"
