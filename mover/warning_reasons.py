"""Why a run warns: a code for each warning, for those who count, filter or alert on warnings.

The outcome holds a warning's message, whose wording may change with each version; a log record in JSON carries its
reason too. Every layer warns, so this module imports nothing of the project.
"""

import logging
from collections.abc import Callable
from enum import StrEnum

log = logging.getLogger(__name__)


class WarningReason(StrEnum):
    """Something that did not stop the run, but that somebody should know of."""

    CACHE_UNUSABLE = "cache-unusable"
    CACHE_NOT_LOCKED = "cache-not-locked"
    STATE_UNUSABLE = "state-unusable"
    STATE_NOT_SAVED = "state-not-saved"
    UNFINISHED_RUN = "unfinished-run"
    NOTHING_TO_BACK_UP = "nothing-to-back-up"
    UPLOADS_NOT_RECOVERED = "uploads-not-recovered"
    PRUNE_POSTPONED = "prune-postponed"
    PRUNE_WAITS = "prune-waits"
    FILES_NOT_VERIFIED = "files-not-verified"
    SNAPSHOT_UNREADABLE = "snapshot-unreadable"
    SNAPSHOT_OF_ANOTHER_VOLUME = "snapshot-of-another-volume"
    SPACE_UNKNOWN = "space-unknown"
    SPACE_MAY_NOT_SUFFICE = "space-may-not-suffice"
    NOTHING_RESTORED = "nothing-restored"
    OWNERS_UNKNOWN = "owners-unknown"
    OWNERS_NOT_KEPT = "owners-not-kept"
    TERMINATION_LOG_NOT_WRITTEN = "termination-log-not-written"


Warn = Callable[[WarningReason, str], None]
"""Takes a warning: its reason, and a message that a person can act on."""


def log_warning(reason: WarningReason, message: str) -> None:
    """Log a warning; in JSON its reason is a field of the record."""
    log.warning(message, extra={"reason": reason.value})
