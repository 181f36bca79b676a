"""Keeps a store up to date: lists, then watches, and lists again whenever in doubt.

A watch that the API server ends in good order continues where it ended. Anything else (a version too old, an error, a
cut connection, a silence) leaves in doubt what was missed, so everything is listed again.
"""

import logging
import random
import threading
import time

from mover.controller import retry_delays
from mover.controller.kube.api_errors import ApiError, GoneError, NotFoundError, RefusedError
from mover.controller.kube.client import Api
from mover.controller.kube.kinds import Kind
from mover.controller.kube.object_store import Store

log = logging.getLogger(__name__)

WATCH_SECONDS = (240.0, 300.0)
"""How long one watch lasts: not the same for all, so that they do not all begin again at once."""


class Reflector:
    """Reflects one kind, in one namespace or all, into a store."""

    def __init__(self, api: Api, kind: Kind, store: Store, namespace: str | None, *, is_optional: bool) -> None:
        self.kind = kind
        self._api = api
        self._store = store
        self._namespace = namespace if kind.namespaced else None
        self._may_be_absent = is_optional
        self._version: str | None = None
        self._failures = 0
        self.problem: str | None = f"{kind.plural}: not listed yet"
        """Why the store may be out of date, or None if it is not."""
        self.last_progress = time.monotonic()
        """When the loop last made progress, in seconds of the monotonic clock."""

    def run(self, stopping: threading.Event) -> None:
        """Reflect until asked to stop."""
        while not stopping.is_set():
            stopping.wait(self._list_and_watch())

    def _list_and_watch(self) -> float:
        """List if that is needed, watch until that ends, and return the seconds to wait before the next time."""
        try:
            self._reflect()
        except GoneError as error:
            log.info("listing %s again: %s", self.kind.plural, error)
            return self._list_again(str(error))
        except (NotFoundError, RefusedError) as error:
            return self._mark_absent(str(error))
        except ApiError as error:
            log.warning("listing %s again: %s", self.kind.plural, error)
            return self._list_again(str(error))
        except Exception as error:  # a reflector that ends would leave the controller blind
            log.exception("watch of %s failed", self.kind.plural)
            return self._list_again(str(error))
        return 0.0

    def _reflect(self) -> None:
        if self._version is None:
            listing = self._api.list(self.kind, self._namespace)
            self._store.served = True
            self._store.replace(listing.version, listing.objects)
            self._advance(listing.version)
        seconds = random.uniform(*WATCH_SECONDS)  # noqa: S311  nothing secret about it
        for event in self._api.watch(self.kind, self._version or "0", seconds, self._namespace):
            if event.type == "DELETED":
                self._store.remove(event.object)
            elif event.type != "BOOKMARK":
                self._store.put(event.object)
            self._advance(event.object["metadata"]["resourceVersion"])
            self._failures = 0
        self.last_progress = time.monotonic()

    def _advance(self, version: str) -> None:
        self._version = version
        self.problem = None
        self.last_progress = time.monotonic()

    def _mark_absent(self, message: str) -> float:
        """Treat a kind that is not installed, or may not be read, as unknown; if it is needed that is a problem."""
        if not self._may_be_absent:
            log.warning("cannot list %s: %s", self.kind.plural, message)
            return self._list_again(message)
        self._store.served = False
        self._store.replace("0", [])
        self._version = self.problem = None
        self.last_progress = time.monotonic()
        return retry_delays.ABSENT_KIND_SECONDS

    def _list_again(self, message: str) -> float:
        """Forget how far the watch has come, and return the seconds to wait: longer with each failure in a row."""
        self._version = None
        self.problem = f"{self.kind.plural}: {message}"
        self.last_progress = time.monotonic()
        self._failures += 1
        return retry_delays.WATCH.between(0.5, self._failures - 1)
