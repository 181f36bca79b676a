"""Every delay before something is retried, in one place, as each waits for a reason of its own.

From the shortest to the longest: a request, a watch, a reconcile that failed, a write that the API server refused,
and a sync that failed. Only the last is visible to users (docs/controller/troubleshooting.md).
Imports nothing, so that `mover.controller.kube` and the layers above it can share it.
"""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """A delay that doubles with each failure in a row, up to a limit."""

    first_seconds: float
    longest_seconds: float

    def seconds(self, failures_before: int) -> float:
        """Return the delay after one more failure than that many in a row."""
        # The exponent is bounded as a float has a largest value; every limit is reached long before.
        return min(self.longest_seconds, self.first_seconds * 2.0 ** min(failures_before, 20))

    def between(self, least_share: float, failures_before: int) -> float:
        """Return a random delay from that share of the usual one up to all of it: not all clients return at once."""
        usual = self.seconds(failures_before)
        return random.uniform(least_share * usual, usual)  # noqa: S311  nothing secret about it


REQUEST = Backoff(first_seconds=0.25, longest_seconds=5.0)
"""Before a request is sent again to an API server that is unavailable; any share of it, at random."""

REQUEST_ATTEMPTS = 4

WATCH = Backoff(first_seconds=0.4, longest_seconds=30.0)
"""Before everything is listed again after a watch that failed; half of it or more, at random."""

ABSENT_KIND_SECONDS = 30.0
"""Before a kind that the API server does not know is listed again: it may have been installed."""

RECONCILE = Backoff(first_seconds=0.25, longest_seconds=60.0)
"""Before a resource is reconciled again after an error or a conflict."""

REFUSED_WRITE = Backoff(first_seconds=5.0, longest_seconds=600.0)
"""Before a write that the API server refused is retried: nothing reports that a quota or a policy changed."""

FAILED_SYNC = Backoff(first_seconds=60.0, longest_seconds=3600.0)
"""Before a sync that failed is retried. After a non-retryable failure it is the longest delay at once."""
