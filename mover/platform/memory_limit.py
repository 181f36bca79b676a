"""The memory limit of the container, and what of it restic may use."""

from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
NO_LIMIT = 1 << 60
"""Version 1 writes a huge number where there is no limit."""

OWN_SHARE = 48 * 1024 * 1024
"""Bytes that the mover itself and restic's memory outside of Go's heap need."""

GO_SHARE = 0.9
"""Of the rest: Go's limit is a soft one that it overshoots a little (Go runtime, GOMEMLIMIT)."""


def limit(root: Path = CGROUPS) -> int | None:
    """Return the container's memory limit in bytes, if it has one."""
    for path in (root / "memory.max", root / "memory" / "memory.limit_in_bytes"):
        text = _read(path).strip()
        if text.isdigit():
            return int(text) if int(text) < NO_LIMIT else None
    return None


def go_limit(root: Path = CGROUPS) -> str | None:
    """Return GOMEMLIMIT for restic, so that it collects garbage sooner rather than being killed."""
    bytes_allowed = limit(root)
    if bytes_allowed is None:
        return None
    return str(max(int((bytes_allowed - OWN_SHARE) * GO_SHARE), OWN_SHARE))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
