"""Whether something that is done by interval is due."""

from datetime import datetime, timedelta

from mover.operations.context import OperationContext
from mover.state.repository_state import CLOCK_SKEW


def is_due(run: OperationContext, interval: timedelta | None, *done: datetime | None) -> bool:
    """Whether the interval has passed since the first of these times that is known and not in the future.

    Where none is, the time of the repository's oldest snapshot stands in: before it there was nothing to do.
    """
    if not interval:
        # Every time: no need to ask the repository for the time of its oldest snapshot.
        return interval is not None
    now = run.clock.now()
    since = last_believed(now, *done) or run.first_snapshot()
    return since is not None and now - since >= interval


def last_believed(now: datetime, *done: datetime | None) -> datetime | None:
    """The first of these times that is known and not in the future."""
    return next((moment for moment in done if moment and moment <= now + CLOCK_SKEW), None)
