"""When the next sync is wanted, and when a failed one is tried again."""

import hashlib
from datetime import datetime, timedelta

from mover.controller.api.conditions import Reason
from mover.controller.api.spec import Spec
from mover.controller.api.status import StatusEditor
from mover.controller.kube.kinds import KubernetesObject
from mover.exit_codes import ExitCode

PAUSE = timedelta(minutes=1)
"""Between syncs that nothing triggers."""

SHORTEST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=1)

HOPELESS = {
    *(ExitCode.USAGE, ExitCode.NO_REPOSITORY, ExitCode.WRONG_PASSWORD, ExitCode.REFUSED, ExitCode.NO_SPACE),
    *(ExitCode.DAMAGED, ExitCode.NO_SNAPSHOT),
}
"""What happens again until somebody changes something (docs/exit-codes.md: never)."""


def next_tick(resource: KubernetesObject, spec: Spec, after: datetime, spread: timedelta) -> datetime | None:
    """Return when the schedule, if there is one and no manual trigger over it, fires next for this resource.

    Each resource has its own small shift, always the same, so that not all those of one tick start at once.
    """
    if spec.manual or not spec.schedule:
        return None
    tick = spec.schedule.next_after(after)
    most = min(spread, (spec.schedule.next_after(tick) - tick) / 10)
    digest = hashlib.sha256(str(resource["metadata"]["uid"]).encode()).digest()
    return tick + timedelta(seconds=int(int.from_bytes(digest[:4]) / 2**32 * most.total_seconds()))


def sync_due_at(
    resource: KubernetesObject, spec: Spec, status: StatusEditor, now: datetime, spread: timedelta
) -> datetime | None:
    """Return since when, or from when on, a sync is wanted; None: not before somebody asks for one."""
    last = status.last_sync
    if spec.manual:
        return now if last is None or spec.manual != status.last_manual else None
    if last is None:
        return now
    return next_tick(resource, spec, last, spread) or last + PAUSE


def retry_at(code: ExitCode | None, count: int, ended: datetime, tick: datetime | None) -> datetime:
    """Return when to try again after that many failures in a row: ever later, or at the next tick."""
    if code in HOPELESS:
        return ended + LONGEST_DELAY
    delay = min(SHORTEST_DELAY * (1 << min(count - 1, 10)), LONGEST_DELAY)
    return min(ended + delay, tick or ended + delay)


def waiting_reason(spec: Spec) -> tuple[Reason, str]:
    """Say what a resource with nothing to do waits for."""
    if spec.manual:
        return Reason.WAITING_FOR_MANUAL, "Waiting for manual trigger"
    if spec.schedule:
        return Reason.WAITING_FOR_SCHEDULE, "Waiting for next scheduled synchronization"
    return Reason.WAITING_FOR_NEXT, "Waiting for a minute between synchronizations"
