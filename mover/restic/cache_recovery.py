"""The recovery from an unusable cache: restic's cache is only a copy, so it is wiped once, then disabled."""

import logging
from typing import NamedTuple

from mover.platform.cache_volume import CacheVolume
from mover.restic.phrases import find_cache_problem
from mover.restic.process_result import ProcessResult

log = logging.getLogger(__name__)


class CacheRecovery(NamedTuple):
    """Wipes or gives up the cache volume if restic says that its cache is unusable."""

    cache: CacheVolume

    def try_recover(self, result: ProcessResult, waited: float) -> bool:  # noqa: ARG002  every recovery gets it
        """Wipe the cache, or disable it if it was already wiped; return whether to retry."""
        if result.failure is None or self.cache.problem:
            return False
        problem = find_cache_problem(result.text, self.cache.folder)
        if problem is None:
            return False
        if self.cache.may_be_wiped:
            log.warning(f"Cache on {self.cache.folder} is unusable ({problem}); wiping it")
            self.cache.wipe_once()
        else:
            self.cache.give_up(problem)
        return True
