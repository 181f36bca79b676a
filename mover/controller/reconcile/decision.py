"""What to do about one resource: a few writes in order, when to reconcile again, and one message on what and why."""

from dataclasses import dataclass, field
from datetime import datetime

from mover.controller.kube.writes import Write


@dataclass(frozen=True)
class Decision:
    """What to do now. The first write that fails ends it; everything is then decided again."""

    message: str
    """What is done and why, for the log; it stays the same as long as nothing changes."""
    writes: tuple[Write, ...] = field(default=())
    requeue_at: datetime | None = None
    """When to reconcile again, even if nothing changes; None: not before something does."""
