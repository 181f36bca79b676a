"""The operations: name, help and traits of each, and the one list of them.

Command line, plan and exit code derive from it, and ``operations/registry.py`` adds the code that runs each. The two
are apart so that ``mover --help`` loads no operation.
"""

from enum import Enum, StrEnum, auto
from typing import Self


class Trait(Enum):
    """What some of the operations have in common."""

    USES_DATA_VOLUME = auto()
    """It needs the volume at DATA_DIR."""
    IS_MAINTENANCE = auto()
    """It is maintenance of the repository, which can fail without undoing a backup."""
    IS_COMMAND = auto()
    """It can be named on the command line."""


class Operation(StrEnum):
    """What the mover can do with a repository; a member's value is its name on the command line and in the outcome."""

    help: str
    traits: frozenset[Trait]

    def __new__(cls, name: str, help_text: str = "", *traits: Trait) -> Self:
        """Make a member: its name, a line of help, and its traits."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.help = help_text
        member.traits = frozenset(traits)
        return member

    BACKUP = (
        "backup",
        "Save a snapshot of DATA_DIR; then forget and prune as configured.",
        Trait.USES_DATA_VOLUME,
        Trait.IS_COMMAND,
    )
    FORGET = "forget", "Apply the retention policy; part of a backup, never run alone.", Trait.IS_MAINTENANCE
    PRUNE = "prune", "Remove data that no snapshot uses.", Trait.IS_MAINTENANCE, Trait.IS_COMMAND
    CHECK = "check", "Check the repository for errors.", Trait.IS_MAINTENANCE, Trait.IS_COMMAND
    RESTORE = "restore", "Restore a snapshot into DATA_DIR.", Trait.USES_DATA_VOLUME, Trait.IS_COMMAND
    UNLOCK = "unlock", "Remove stale locks.", Trait.IS_COMMAND

    @property
    def uses_data_volume(self) -> bool:
        """Whether it needs the volume at DATA_DIR."""
        return Trait.USES_DATA_VOLUME in self.traits

    @property
    def is_maintenance(self) -> bool:
        """Whether it is maintenance of the repository, which can fail without undoing a backup."""
        return Trait.IS_MAINTENANCE in self.traits


COMMANDS = tuple(operation for operation in Operation if Trait.IS_COMMAND in operation.traits)
