"""What restic processes cost, as the kernel accounts for it."""

from dataclasses import dataclass


@dataclass
class ProcessCost:
    """What the restic processes of a run have used so far."""

    processes: int = 0
    cpu_seconds: float = 0.0
    peak_rss: int = 0
    """Bytes: the largest of them."""
