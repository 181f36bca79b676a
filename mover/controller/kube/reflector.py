"""Keeps a store up to date: lists, then watches, and lists again whenever in doubt.

A watch that the API server ends in good order goes on where it ended. Anything else (a version too old, an error, a
cut connection, a silence) leaves in doubt what was missed, so everything is listed again.
"""

import logging
import random
import threading
import time

from mover.controller.kube.api_errors import ApiError, GoneError, NotFoundError, RefusedError
from mover.controller.kube.client import Api
from mover.controller.kube.kinds import Kind
from mover.controller.kube.object_store import Store

log = logging.getLogger(__name__)

WATCH_SECONDS = (240.0, 300.0)
"""How long one watch lasts: not the same for all, so that they do not all start anew at once."""

FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 30.0
ABSENT_WAIT_SECONDS = 30.0
"""How often to look whether a kind that the API server doesn't know has been installed."""


class Reflector:
    """Reflects one kind, in one namespace or all, into a store."""

    def __init__(self, api: Api, kind: Kind, store: Store, namespace: str | None, *, may_be_absent: bool) -> None:
        self.kind = kind
        self._api = api
        self._store = store
        self._namespace = namespace if kind.namespaced else None
        self._may_be_absent = may_be_absent
        self._version: str | None = None
        self._failures = 0
        self.problem: str | None = f"{kind.plural}: not listed yet"
        """Why the store may be out of date, or None where it is not."""
        self.turned = time.monotonic()
        """When the loop last did something, on the monotonic clock."""

    def run(self, stopping: threading.Event) -> None:
        """Reflect until asked to stop."""
        while not stopping.is_set():
            stopping.wait(self._turn())

    def _turn(self) -> float:
        """List if that is needed, watch until that ends, and return how long to wait before the next turn."""
        try:
            self._reflect()
        except GoneError as error:
            log.info("listing %s again: %s", self.kind.plural, error)
            return self._doubt(str(error))
        except (NotFoundError, RefusedError) as error:
            return self._absent(str(error))
        except ApiError as error:
            log.warning("listing %s again: %s", self.kind.plural, error)
            return self._doubt(str(error))
        except Exception as error:  # a reflector that ends would leave the controller blind
            log.exception("the watch of %s failed", self.kind.plural)
            return self._doubt(str(error))
        return 0.0

    def _reflect(self) -> None:
        if self._version is None:
            listing = self._api.list(self.kind, self._namespace)
            self._store.served = True
            self._store.replace(listing.version, listing.objects)
            self._heard(listing.version)
        seconds = random.uniform(*WATCH_SECONDS)  # noqa: S311  nothing secret about it
        for event in self._api.watch(self.kind, self._version or "0", seconds, self._namespace):
            if event.type == "DELETED":
                self._store.remove(event.object)
            elif event.type != "BOOKMARK":
                self._store.put(event.object)
            self._heard(event.object["metadata"]["resourceVersion"])
            self._failures = 0
        self.turned = time.monotonic()

    def _heard(self, version: str) -> None:
        self._version = version
        self.problem = None
        self.turned = time.monotonic()

    def _absent(self, sentence: str) -> float:
        """Take a kind that isn't installed, or may not be read, as one that is unknown; say so where it is needed."""
        if not self._may_be_absent:
            log.warning("%s can't be listed: %s", self.kind.plural, sentence)
            return self._doubt(sentence)
        self._store.served = False
        self._store.replace("0", [])
        self._version = self.problem = None
        self.turned = time.monotonic()
        return ABSENT_WAIT_SECONDS

    def _doubt(self, sentence: str) -> float:
        """Forget where the watch was, and return how long to wait: longer with each failure in a row."""
        self._version = None
        self.problem = f"{self.kind.plural}: {sentence}"
        self.turned = time.monotonic()
        self._failures += 1
        longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(self._failures, 20))
        return random.uniform(longest / 2, longest)  # noqa: S311
