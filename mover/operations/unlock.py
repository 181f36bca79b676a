"""Unlock: removes the locks that restic considers stale.

Locks of this mover's own killed runs need no unlock: ``restic/locks.py`` removes them when they are in the way.
"""

import logging

from mover.config.operation import Operation
from mover.operations.context import OperationContext
from mover.platform.units import count
from mover.reporting.operation_result import OperationResult, done

log = logging.getLogger(__name__)


def run(context: OperationContext) -> tuple[OperationResult]:
    """Remove stale locks."""
    removed = context.repository.unlock()
    message = f"{count(removed, 'stale lock')} removed" if removed else "no stale locks"
    log.info(message)
    return (done(Operation.UNLOCK, message),)
