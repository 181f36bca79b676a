"""Unlock: removing the locks that restic itself takes for stale."""

import logging

from mover.outcome import Failure
from mover.plan import Step
from mover.run import Run

log = logging.getLogger(__name__)


def perform(run: Run, _: Step) -> str:
    """Remove stale locks, where there is a repository."""
    try:
        run.repository.unlock()
    except Failure as failure:
        if run.nothing_there(failure):
            log.info("there is no repository yet: nothing to unlock")
            return "nothing to unlock, as there is no repository yet"
        raise
    log.info("successfully removed stale locks")
    return "stale locks removed"
