"""Unlock: removing the locks that restic itself takes for stale."""

import logging

from mover.outcome import Failure
from mover.plan import Step
from mover.run import Run
from mover.units import count

log = logging.getLogger(__name__)


def perform(run: Run, _: Step) -> str:
    """Remove stale locks, where there is a repository."""
    try:
        removed = run.repository.unlock()
    except Failure as failure:
        if run.nothing_there(failure):
            log.info("there is no repository yet: nothing to unlock")
            return "nothing to unlock, as there is no repository yet"
        raise
    told = f"{count(removed, 'stale lock')} removed" if removed else "there was no stale lock"
    log.info(told)
    return told
