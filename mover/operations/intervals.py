"""Whether prune and check are due: decided here alone, for a run and for ``mover status``."""

from datetime import datetime, timedelta
from typing import NamedTuple

from mover.config.settings import Settings
from mover.operations.context import OperationContext
from mover.state.past_time import is_plausible
from mover.state.repository_state import RepositoryState


class NextTime(NamedTuple):
    """When something is to be done next; ``at`` is ``None`` if that is unknown before a run has asked restic."""

    at: datetime | None
    is_due: bool


class Interval(NamedTuple):
    """How often something is to be done, and when it was."""

    length: timedelta
    """Zero: every time."""
    last_times: tuple[datetime | None, ...]
    """Time at which it was done last, by each source that may know; the most trusted source comes first."""

    def next_time(self, oldest_snapshot: datetime | None, now: datetime) -> NextTime:
        """Say when the interval has passed since the last time.

        If no last time is known, the interval starts at the repository's oldest snapshot: before it there was
        nothing to do.
        """
        if not self.length:
            return NextTime(now, is_due=True)
        since = last_plausible(now, *self.last_times) or oldest_snapshot
        if since is None:
            return NextTime(None, is_due=False)
        return NextTime(since + self.length, is_due=now - since >= self.length)


def prune_interval(settings: Settings, state: RepositoryState) -> Interval | None:
    """Return the interval of prune; ``None`` if it is run manually only."""
    if settings.prune_interval is None:
        return None
    return Interval(settings.prune_interval, (state.pruned, settings.last_pruned))


def check_interval(settings: Settings, state: RepositoryState) -> Interval | None:
    """Return the interval of check; ``None`` if it is run manually only."""
    return None if settings.check.interval is None else Interval(settings.check.interval, (state.checked,))


def prune_is_due(context: OperationContext) -> bool:
    """Whether the prune interval has passed.

    Raises:
        Failure: that depends on the repository, which can't be asked.
    """
    return _is_due(prune_interval(context.settings, context.state), context)


def check_is_due(context: OperationContext) -> bool:
    """Whether the check interval has passed; as ``prune_is_due``."""
    return _is_due(check_interval(context.settings, context.state), context)


def last_plausible(now: datetime, *times: datetime | None) -> datetime | None:
    """The first of these times that is known and not in the future."""
    return next((moment for moment in times if moment and is_plausible(moment, now)), None)


def _is_due(interval: Interval | None, context: OperationContext) -> bool:
    """Ask the repository for its oldest snapshot only if that decides."""
    if interval is None:
        return False
    now = context.clock.now()
    known = interval.next_time(None, now)
    return known.is_due if known.at else interval.next_time(_oldest_snapshot(context), now).is_due


def _oldest_snapshot(context: OperationContext) -> datetime | None:
    """Look up the time of the repository's oldest snapshot once, then keep it."""
    state = context.state
    if state.oldest_snapshot is None:
        listed = context.repository.all_snapshots().snapshots
        state.oldest_snapshot = min((snapshot.time for snapshot in listed), default=None)
        if state.oldest_snapshot:
            context.store.save()
    return state.oldest_snapshot
