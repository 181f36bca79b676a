"""The operations that can be asked for, by the names they have on the command line and in the outcome."""

from enum import StrEnum


class Operation(StrEnum):
    """What the mover can do with a repository. ``forget`` is part of a backup and can't be asked for alone."""

    BACKUP = "backup"
    FORGET = "forget"
    PRUNE = "prune"
    CHECK = "check"
    RESTORE = "restore"
    UNLOCK = "unlock"


ASKABLE = tuple(operation for operation in Operation if operation is not Operation.FORGET)
