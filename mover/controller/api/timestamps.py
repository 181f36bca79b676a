"""Reads untrusted times: invalid ones are ignored, and so are ones in the future.

A pod, a user or an older version wrote them; a time in the future would postpone the next sync or prune until then.
"""

from datetime import datetime, timedelta

from mover.controller.kube.kinds import KubernetesObject
from mover.platform.clock import read_time

CLOCK_SKEW = timedelta(minutes=5)
"""By how much the clock of another node may be ahead."""


def parse_time(value: object) -> datetime | None:
    """Parse an RFC 3339 time; None: it is none."""
    try:
        return read_time(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def parse_past_time(value: object, now: datetime) -> datetime | None:
    """Parse a time in the past, allowing for clock skew; None: it is none, or is in the future."""
    time = parse_time(value)
    return time if time and time <= now + CLOCK_SKEW else None


def api_time(value: object, default: datetime) -> datetime:
    """Read a time that the API server wrote; ``default`` if there is none, or a later one."""
    time = parse_time(value)
    return min(time, default) if time else default


def created_at(item: KubernetesObject, now: datetime) -> datetime:
    """Return when an object was created."""
    return api_time(item["metadata"].get("creationTimestamp"), now)
