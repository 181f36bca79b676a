"""What a resource's conditions may say: every type and every reason, with what it means to a user.

``Synchronizing`` is always there, and its reason is the resource's state. Each of the other types is there only
while it holds, with the status ``True``. docs/controller/conditions.md has a row for each.
"""

from enum import StrEnum

from mover.exit_codes import ExitCode


class Type(StrEnum):
    """The types of conditions."""

    SYNCHRONIZING = "Synchronizing"
    """True while an attempt to back up or restore is under way."""
    PARTIAL_BACKUP = "PartialBackup"
    """The last sync counts, but some files could not be read (exit code 3)."""
    MAINTENANCE_FAILED = "MaintenanceFailed"
    """The last sync counts, but its forget, prune or check failed (exit code 20); the next one tries again."""
    NOTHING_FORGOTTEN = "NothingForgotten"
    """There is no ``retain``: every snapshot is kept, and the repository grows without end."""
    REPOSITORY_SHARED = "RepositoryShared"
    """An older source of the namespace uses the same Secret; this one does not start."""
    VOLUME_SIZE = "VolumeSize"
    """A volume can't get the size that is asked for; the sync goes on with the one it has."""


class Reason(StrEnum):
    """The reasons of conditions, beside those for how a run failed (see `reason_of`)."""

    # Synchronizing is True.
    SYNC_IN_PROGRESS = "SyncInProgress"
    """All is well."""
    MOVER_NOT_STARTING = "MoverNotStarting"
    """The pod can't start; the message is what Kubernetes says of it: a missing Secret, an image, no room on a node."""
    SNAPSHOT_NOT_READY = "SnapshotNotReady"
    """A VolumeSnapshot is not ready after a minute, or says why it can't be."""

    # Synchronizing is False, and all is well.
    WAITING_FOR_SCHEDULE = "WaitingForSchedule"
    WAITING_FOR_MANUAL = "WaitingForManual"
    WAITING_FOR_NEXT = "WaitingForNext"
    """Neither a schedule nor a manual trigger: the next sync starts a minute after the last one."""
    PAUSED = "Paused"

    # Synchronizing is False until somebody changes something; it then resolves by itself.
    INVALID_SPEC = "InvalidSpec"
    """The message lists every field that is wrong."""
    REPOSITORY_SHARED = "RepositoryShared"
    VOLUME_MISSING = "VolumeMissing"
    """A PersistentVolumeClaim that is named does not exist, or is being deleted."""
    VOLUME_UNUSABLE = "VolumeUnusable"
    """A block volume, a volume that is lost, or a capacity that can't hold the copy."""
    VOLUME_IN_USE = "VolumeInUse"
    """A pod has the volume mounted that would be restored over; ``allowInUse`` allows it."""
    CLASS_MISSING = "ClassMissing"
    """A StorageClass or VolumeSnapshotClass that is named does not exist."""
    SNAPSHOTS_UNSUPPORTED = "SnapshotsUnsupported"
    """The cluster has no VolumeSnapshots."""
    NAME_TAKEN = "NameTaken"
    """An object has the name of one that is to be made, and belongs to somebody else."""
    POD_SECURITY = "PodSecurity"
    """The namespace enforces a Pod Security standard that refuses the mover; the message says what to set."""
    REFUSED_BY_API = "RefusedByAPI"
    """The API server refused an object that the controller makes; the message is its sentence."""

    # Synchronizing is False after a failure, until the next try.
    DISRUPTED = "Disrupted"
    """Three pods in a row were evicted or lost their node."""
    NO_OUTCOME = "NoOutcome"
    """The mover ended without saying how: with an unknown exit code, or its pod is gone."""

    # Of the other types.
    FILES_UNREADABLE = "FilesUnreadable"
    UPKEEP_FAILED = "UpkeepFailed"
    NO_RETAIN = "NoRetain"
    SAME_SECRET = "SameSecret"  # noqa: S105  the name of a reason
    CANNOT_SHRINK = "CannotShrink"
    CANNOT_GROW = "CannotGrow"


NORMAL = {
    *(Reason.SYNC_IN_PROGRESS, Reason.WAITING_FOR_SCHEDULE, Reason.WAITING_FOR_MANUAL),
    *(Reason.WAITING_FOR_NEXT, Reason.PAUSED),
}
"""Reasons that need nobody's attention: no event is told of them."""


def reason_of(code: ExitCode) -> str:
    """Return the reason for a run that failed with this code: its name, such as ``WrongPassword``."""
    return "".join(word.capitalize() for word in code.name.split("_"))


class Blocked(Exception):  # noqa: N818  it is a state of the cluster, not an error of the controller
    """Nothing can start until somebody changes something. Its text is one sentence a person can act on."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
