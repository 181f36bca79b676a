"""How much of a repository is proven to be readable: which parts of its data were read, and what was restored.

Part of the marker file. Unreadable parts are ignored with a warning: restarting the rotation costs some
traffic, while losing the rest of the marker file would cost more.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from mover.platform.clock import write_time
from mover.state.past_time import read_past_time

Kind = TypeVar("Kind")


@dataclass
class Rotation:
    """Which of ``subsets`` parts of the data were read; each check reads the next one."""

    subsets: int = 0
    """Number of parts into which the data is divided; 0 before the first one was read."""
    read: dict[int, datetime] = field(default_factory=dict)
    """Time at which each part was last read, by its number from 1 on."""

    def next_part(self, subsets: int) -> int:
        """Choose a part that was never read, else the one that was read the longest ago.

        Parts of another division overlap with all of these, so a new division starts at its first part.
        """
        read = self.read if subsets == self.subsets else {}
        never = (part for part in range(1, subsets + 1) if part not in read)
        return next(never, None) or min(read, key=lambda part: (read[part], part))

    def record(self, part: int, subsets: int, moment: datetime) -> None:
        """Record that a part was read."""
        if subsets != self.subsets:
            self.subsets, self.read = subsets, {}
        self.read[part] = moment


class Verified(NamedTuple):
    """A test restore: files of a snapshot that were restored and had the content that they should have."""

    time: datetime
    snapshot: str
    files: int
    bytes: int


def read_rotation(fields: object, now: datetime, warnings: list[str]) -> Rotation:
    """Read a rotation as ``write_rotation`` wrote it; an empty one if there is none.

    Times in the future are not believed.
    """
    return _tolerant(fields, "rotation", lambda value: _rotation(value, now), warnings) or Rotation()


def write_rotation(rotation: Rotation) -> dict[str, Any]:
    """Write a rotation for the marker file."""
    return {"subsets": rotation.subsets, "read": {str(p): write_time(t) for p, t in sorted(rotation.read.items())}}


def read_verified(fields: object, now: datetime, warnings: list[str]) -> Verified | None:
    """Read what ``write_verified`` wrote."""
    return _tolerant(fields, "verified", lambda value: _verified(value, now), warnings)


def write_verified(verified: Verified | None) -> dict[str, Any] | None:
    """Write a test restore for the marker file, the outcome and reports."""
    if verified is None:
        return None
    return {
        "time": write_time(verified.time),
        "snapshot": verified.snapshot,
        "files": verified.files,
        "bytes": verified.bytes,
    }


def _tolerant(fields: object, name: str, read: Callable[[Any], Kind], warnings: list[str]) -> Kind | None:
    if fields is None:
        return None
    try:
        return read(fields)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        warnings.append(f"Marker file: '{name}' is unusable ({error}) and is ignored")
        return None


def _rotation(fields: dict[str, Any], now: datetime) -> Rotation:
    read = {int(part): read_past_time(moment, now) for part, moment in fields["read"].items()}
    subsets = int(fields["subsets"])
    if any(not 1 <= part <= subsets for part in read):
        msg = f"a part that is not one of {subsets}"
        raise ValueError(msg)
    return Rotation(subsets, read)


def _verified(fields: dict[str, Any], now: datetime) -> Verified:
    return Verified(
        read_past_time(fields["time"], now), str(fields["snapshot"])[:64], int(fields["files"]), int(fields["bytes"])
    )
