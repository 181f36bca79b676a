"""A place for a repository on a server, as a Secret describes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Backend:
    """A repository that is not there yet, and what opens the door to it."""

    repository: str
    variables: Mapping[str, str]
    """What restic wants in its environment."""
    secrets: Sequence[str] = ()
    """Values that must not be shown."""
    launcher: Sequence[str] = ()
    """What starts the mover where it can reach the server."""
