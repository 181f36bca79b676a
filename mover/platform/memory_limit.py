"""The memory limit of the container, and the share of it for restic.

Without a limit of its own Go collects garbage late, and the kernel would kill restic; the mover needs the rest.
"""

from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
NO_LIMIT_BYTES = 1 << 60
"""Version 1 writes a huge number if there is no limit."""

OWN_SHARE_BYTES = 48 * 1024 * 1024
"""What the mover itself and restic's memory outside of Go's heap need."""

GO_SHARE = 0.9
"""Share of the rest for Go's heap: its limit is a soft one that it overshoots a little (Go runtime, GOMEMLIMIT)."""


def limit(root: Path = CGROUPS) -> int | None:
    """Return the container's memory limit in bytes, if it has one."""
    for path in (root / "memory.max", root / "memory" / "memory.limit_in_bytes"):
        text = _read(path).strip()
        if text.isdigit():
            return int(text) if int(text) < NO_LIMIT_BYTES else None
    return None


def go_limit(root: Path = CGROUPS) -> str | None:
    """Return GOMEMLIMIT for restic, so that it collects garbage sooner rather than being killed."""
    bytes_allowed = limit(root)
    if bytes_allowed is None:
        return None
    return str(max(int((bytes_allowed - OWN_SHARE_BYTES) * GO_SHARE), OWN_SHARE_BYTES))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
