"""The command line of a restic process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """Arguments, working directory and environment of one restic process, and how it may be interrupted."""

    arguments: Sequence[str]
    folder: Path | None = None
    """Directory in which it is started; ``None``: that of the mover."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables beside those that every process gets."""
    ignores_shutdown: bool = False
    """Whether signals are kept from it: it is short, and interrupting it would leave an unusable repository."""
    prunes: bool = False
    """Whether it removes data, so that it is not retried right after stale locks were removed."""
