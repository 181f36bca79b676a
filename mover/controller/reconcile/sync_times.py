"""When the next sync is due, and when a failed one is retried: pure functions of spec, status and time.

`reconcile_idle` starts a sync at these times; the retry delays themselves are in `mover.controller.retry_delays`.
"""

import hashlib
from datetime import datetime, timedelta

from mover.controller import retry_delays
from mover.controller.api.spec import Spec
from mover.controller.api.status import StatusEditor
from mover.controller.kube.kinds import KubernetesObject
from mover.exit_codes import ExitCode

PAUSE_BETWEEN_SYNCS = timedelta(minutes=1)
"""If the spec has no trigger."""

LONGEST_RETRY_DELAY = timedelta(seconds=retry_delays.FAILED_SYNC.longest_seconds)

NON_RETRYABLE = {
    ExitCode.USAGE,
    ExitCode.NO_REPOSITORY,
    ExitCode.WRONG_PASSWORD,
    ExitCode.REFUSED,
    ExitCode.NO_SPACE,
    ExitCode.DAMAGED,
    ExitCode.NO_SNAPSHOT,
}
"""What fails again until a user changes something (docs/exit-codes.md: never); retried once an hour nevertheless."""


def next_tick(resource: KubernetesObject, spec: Spec, after: datetime, spread: timedelta) -> datetime | None:
    """Return when the schedule fires next for this resource; None: there is none, or a manual trigger overrides it.

    Each resource has its own small offset, always the same, so that not all those of one tick start at once.
    """
    if spec.manual or not spec.schedule:
        return None
    tick = spec.schedule.next_after(after)
    longest = min(spread, (spec.schedule.next_after(tick) - tick) / 10)
    digest = hashlib.sha256(str(resource["metadata"]["uid"]).encode()).digest()
    return tick + timedelta(seconds=int(int.from_bytes(digest[:4]) / 2**32 * longest.total_seconds()))


def sync_due_at(
    resource: KubernetesObject, spec: Spec, status: StatusEditor, now: datetime, spread: timedelta
) -> datetime | None:
    """Return since when, or from when on, a sync is due; None: not before a user triggers one."""
    last = status.last_sync
    if spec.manual:
        return now if last is None or spec.manual != status.last_manual else None
    if last is None:
        return now
    return next_tick(resource, spec, last, spread) or last + PAUSE_BETWEEN_SYNCS


def retry_at(code: ExitCode | None, failures: int, ended: datetime, tick: datetime | None) -> datetime:
    """Return when to retry after that many failures in a row: later each time, or at the next scheduled time."""
    if code in NON_RETRYABLE:
        return ended + LONGEST_RETRY_DELAY
    delay = timedelta(seconds=retry_delays.FAILED_SYNC.seconds(failures - 1))
    return min(ended + delay, tick or ended + delay)
