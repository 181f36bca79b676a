"""How much of a repository is proven to be readable: which parts of its data were read, and what was restored.

Part of the marker file. What can't be read of it is left out with a sentence that says so: a rotation that starts
anew costs some traffic, while losing the rest of the marker would cost more.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from mover.platform.clock import read_time, write_time

Kind = TypeVar("Kind")


@dataclass
class Rotation:
    """Which parts of the data were read, where each check reads another one of so many."""

    subsets: int = 0
    """Into how many parts the data is divided; 0 before the first one was read."""
    read: dict[int, datetime] = field(default_factory=dict)
    """When each part was read last, by its number from 1 on."""

    def next_part(self, subsets: int) -> int:
        """Choose the part that was never read, else the one that was read the longest ago.

        Parts of another division overlap with all of these, so a new division starts at its first part.
        """
        read = self.read if subsets == self.subsets else {}
        never = (part for part in range(1, subsets + 1) if part not in read)
        return next(never, None) or min(read, key=lambda part: (read[part], part))

    def record(self, part: int, subsets: int, moment: datetime) -> None:
        """Note that a part was read."""
        if subsets != self.subsets:
            self.subsets, self.read = subsets, {}
        self.read[part] = moment


@dataclass(frozen=True)
class Verified:
    """Files of a snapshot that were restored on trial, and had the content they should have."""

    time: datetime
    snapshot: str
    files: int
    bytes: int


def read_rotation(fields: object, latest: datetime, warnings: list[str]) -> Rotation:
    """Read a rotation as ``write_rotation`` wrote it; an empty one where there is none.

    A time after ``latest`` is not believed: it would lie in the future.
    """
    return _tolerant(fields, "rotation", lambda known: _rotation(known, latest), warnings) or Rotation()


def write_rotation(rotation: Rotation) -> dict[str, Any]:
    """Write a rotation for the marker file."""
    return {"subsets": rotation.subsets, "read": {str(p): write_time(t) for p, t in sorted(rotation.read.items())}}


def read_verified(fields: object, latest: datetime, warnings: list[str]) -> Verified | None:
    """Read what ``write_verified`` wrote."""
    return _tolerant(fields, "verified", lambda known: _verified(known, latest), warnings)


def write_verified(verified: Verified | None) -> dict[str, Any] | None:
    """Write a trial restore for the marker file, the outcome and reports."""
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
        warnings.append(f"The marker file's «{name}» is of no use ({error}); it is left out.")
        return None


def _rotation(fields: dict[str, Any], latest: datetime) -> Rotation:
    read = {int(part): _past(moment, latest) for part, moment in fields["read"].items()}
    subsets = int(fields["subsets"])
    if any(not 1 <= part <= subsets for part in read):
        msg = f"it has a part that is none of {subsets}"
        raise ValueError(msg)
    return Rotation(subsets, read)


def _verified(fields: dict[str, Any], latest: datetime) -> Verified:
    return Verified(
        _past(fields["time"], latest), str(fields["snapshot"])[:64], int(fields["files"]), int(fields["bytes"])
    )


def _past(text: str, latest: datetime) -> datetime:
    """Read a time that must not lie ahead: nothing was read in the future."""
    moment = read_time(text)
    if moment > latest:
        msg = f"{write_time(moment)} is in the future"
        raise ValueError(msg)
    return moment
