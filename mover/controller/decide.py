"""What to do about one resource, as a pure function of what is observed."""

from dataclasses import dataclass
from datetime import timedelta

from mover.controller.decision import Decision
from mover.controller.observed import Observed


@dataclass(frozen=True)
class Options:
    """What the controller was started with."""

    image: str
    """The image of the mover's pods."""
    spread: timedelta = timedelta(minutes=1)
    """By how much syncs of one tick are spread over time at the most; 0: they all start at once."""


def decide(observed: Observed, options: Options) -> Decision:
    """Derive the state of the resource and decide on one step; deciding again without a change changes nothing."""
    del options
    return Decision(f"Nothing is to be done about {observed.resource['metadata']['name']}.")
