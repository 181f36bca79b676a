"""What the mover remembers of a repository between runs.

It holds only what succeeded: it decides when prune and check are due, which complete snapshot retention has to spare,
whether a missing repository was there before, and whose locks are stale. ``marker_file`` keeps it on the cache volume.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from mover.state.check_rotation import Rotation, Verified
from mover.state.run_journal import RunEntry


class SnapshotRef(NamedTuple):
    """A snapshot that the mover made."""

    id: str
    time: datetime


@dataclass
class VolumeState:
    """What is remembered of one host and path."""

    snapshot: SnapshotRef | None = None
    complete: SnapshotRef | None = None
    """The last snapshot without unreadable files."""
    verified: Verified | None = None
    """The last test restore."""


@dataclass
class RepositoryState:
    """What is remembered of one repository."""

    oldest_snapshot: datetime | None = None
    """Time of its oldest snapshot; ``None`` until that was looked up."""
    pruned: datetime | None = None
    checked: datetime | None = None
    rotation: Rotation = field(default_factory=Rotation)
    """Which parts of its data the checks have read."""
    volumes: dict[str, VolumeState] = field(default_factory=dict)
    runs: list[RunEntry] = field(default_factory=list)
    """The run journal: the runs that began and did not end, this one among them."""
    uploading: bool = False
    """A backup began to upload and has not saved its snapshot: the repository may contain data that is in no index."""
    unlocked: datetime | None = None
    """Time at which stale locks were last removed."""

    def volume(self, host: str, path: Path) -> VolumeState:
        """Return what is remembered of a volume, to be read and changed."""
        return self.volumes.setdefault(f"{host}:{path}", VolumeState())

    @property
    def has_known_snapshot(self) -> bool:
        """Whether the repository has held a snapshot of this mover."""
        return any(volume.snapshot for volume in self.volumes.values())
