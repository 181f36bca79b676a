"""The controller as a process: watches and workers, until it is asked to stop."""

import contextlib
import functools
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from mover.controller import health
from mover.controller.kube import kinds
from mover.controller.kube.api_errors import ApiError, ConflictError
from mover.controller.kube.client import Api
from mover.controller.kube.reflector import Reflector
from mover.controller.kube.work_queue import WorkQueue
from mover.controller.log_context import about
from mover.controller.reconcile.cluster_cache import ClusterCache, ResourceKey
from mover.controller.reconcile.decide import Options, decide
from mover.controller.reconcile.reconciler import Reconciler
from mover.exit_codes import Failure
from mover.platform.signals import ShutdownSignal

log = logging.getLogger(__name__)

WORKERS = 4
"""Resources looked at at the same time; each spends most of it waiting for the API server."""

STOP_SECONDS = 25.0
"""How long a write in hand may still take; a pod has 30 seconds by default until it is killed."""

STUCK_SECONDS = 600.0
"""A thread that has not moved for so long never will. The slowest request there is takes two minutes."""

MAY_BE_ABSENT = frozenset({kinds.VOLUME_SNAPSHOT, kinds.SNAPSHOT_CLASS, kinds.STORAGE_CLASS, kinds.NAMESPACE})
"""Not every cluster has volume snapshots, and what has no namespace may be closed to who has a Role in only one."""


class Controller:
    """The threads of a controller, and how they fare."""

    def __init__(self, api: Api, options: Options, namespace: str | None) -> None:
        self._queue = WorkQueue[ResourceKey]()
        view = ClusterCache(self._queue)
        self._stores = view.stores
        self._reconciler = Reconciler(api, view, functools.partial(decide, options=options))
        self._reflectors = [
            Reflector(api, kind, store, namespace, may_be_absent=kind in MAY_BE_ABSENT)
            for kind, store in view.stores.items()
        ]
        self._stopping = threading.Event()
        self._threads = [_thread(f"watch {r.kind.plural}", self._reflect, r) for r in self._reflectors]
        self._workers = [_thread(f"worker {number}", self._work) for number in range(WORKERS)]
        self._busy: dict[str, float] = {}
        """Since when each worker has had its key, on the monotonic clock."""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run until the block ends; then finish the writes in hand and begin no more."""
        for thread in (*self._threads, *self._workers):
            thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._queue.stop()
            deadline = time.monotonic() + STOP_SECONDS
            for worker in self._workers:
                worker.join(max(0.0, deadline - time.monotonic()))

    def unhealthy(self) -> list[str]:
        """Return what only a restart helps against."""
        now = time.monotonic()
        started = [thread for thread in (*self._threads, *self._workers) if thread.ident is not None]
        dead = [f"the thread “{thread.name}” has ended" for thread in started if not thread.is_alive()]
        stuck = [f"the watch of {r.kind.plural} hangs" for r in self._reflectors if now - r.turned > STUCK_SECONDS]
        busy = [f"{name} hangs" for name, since in list(self._busy.items()) if now - since > STUCK_SECONDS]
        return dead + stuck + busy

    def unready(self) -> list[str]:
        """Return what keeps the controller from knowing all there is."""
        stopping = ["stopping"] if self._stopping.is_set() else []
        return stopping + [reflector.problem for reflector in self._reflectors if reflector.problem]

    def _reflect(self, reflector: Reflector) -> None:
        with about(reflector.kind.name):
            reflector.run(self._stopping)

    def _work(self) -> None:
        # Nothing is decided before everything was seen once: what is not known yet is not missing.
        for store in self._stores.values():
            while not store.synced.wait(1):
                if self._stopping.is_set():
                    return
        while (key := self._queue.take()) is not None:
            self._busy[threading.current_thread().name] = time.monotonic()
            with about(key.kind.name, key.namespace, key.name):
                self._look_at(key)
            self._queue.done(key)
            self._busy.pop(threading.current_thread().name)

    def _look_at(self, key: ResourceKey) -> None:
        """Reconcile one resource; whatever comes of it, the worker goes on."""
        try:
            again = self._reconciler.reconcile(key)
        except ConflictError as error:
            log.debug("looking again: %s", error)
            self._queue.add_failed(key)
        except ApiError as error:
            log.warning("trying again in %g s: %s", self._queue.add_failed(key), error)
        except Exception:  # one resource that can't be dealt with must not stop the others
            log.exception("trying again in %g s", self._queue.add_failed(key))
        else:
            self._queue.succeeded(key)
            if again is not None:
                self._queue.add_after(key, again.timestamp() - time.time())


def run(
    api: Api, options: Options, stopping: ShutdownSignal, *, namespace: str | None, address: tuple[str, int]
) -> None:
    """Run the controller until SIGTERM or SIGINT."""
    controller = Controller(api, options, namespace)
    where = f"the namespace {namespace}" if namespace else "all namespaces"
    with health.serving(address, controller.unhealthy, controller.unready), controller.running():
        log.info(f"serving {where}, with the image {options.image}")
        with contextlib.suppress(Failure):
            while True:
                stopping.sleep(threading.TIMEOUT_MAX)
        log.info("stopping: what is under way is taken up by the next controller")


def _thread(name: str, target: object, *arguments: object) -> threading.Thread:
    # Threads that watch wait for the API server; they end with the process.
    return threading.Thread(target=target, name=name, args=arguments, daemon=True)  # type: ignore[arg-type]
