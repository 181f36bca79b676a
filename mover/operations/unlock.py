"""Unlock: removing the locks that restic itself takes for stale."""

import logging

from mover.app.plan import Step
from mover.exit_codes import Failure
from mover.operations.context import OperationContext
from mover.platform.units import count

log = logging.getLogger(__name__)


def perform(run: OperationContext, _: Step) -> str:
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
