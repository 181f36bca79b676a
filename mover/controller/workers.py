"""The controller as a process: threads that watch and threads that reconcile, until it is asked to stop."""

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
"""Resources reconciled at the same time; each spends most of its time waiting for the API server."""

STOP_SECONDS = 25.0
"""How long running writes may take after a stop; by default a pod is killed after 30 seconds."""

STUCK_SECONDS = 600.0
"""A thread without progress for this long is considered hung. The slowest request takes two minutes."""

OPTIONAL_KINDS = frozenset({kinds.VOLUME_SNAPSHOT, kinds.SNAPSHOT_CLASS, kinds.STORAGE_CLASS, kinds.NAMESPACE})
"""Not every cluster has volume snapshots, and a Role in one namespace gives no access to objects that have none."""


class Controller:
    """The threads of a controller, and whether they make progress."""

    def __init__(self, api: Api, options: Options, namespace: str | None) -> None:
        self._queue = WorkQueue[ResourceKey]()
        cache = ClusterCache(self._queue)
        self._stores = cache.stores
        self._reconciler = Reconciler(api, cache, functools.partial(decide, options=options))
        self._reflectors = [
            Reflector(api, kind, store, namespace, is_optional=kind in OPTIONAL_KINDS)
            for kind, store in cache.stores.items()
        ]
        self._stopping = threading.Event()
        self._threads = [_thread(f"watch {r.kind.plural}", self._reflect, r) for r in self._reflectors]
        self._workers = [_thread(f"worker {number}", self._work) for number in range(WORKERS)]
        self._busy: dict[str, float] = {}
        """Since when each worker has had its key, in seconds of the monotonic clock."""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run until the block ends; then finish the running writes and begin no more."""
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

    def liveness_problems(self) -> list[str]:
        """Return the problems that only a restart solves."""
        now = time.monotonic()
        started = [thread for thread in (*self._threads, *self._workers) if thread.ident is not None]
        dead = [f"thread {thread.name!r} has ended" for thread in started if not thread.is_alive()]
        stuck = [f"watch of {r.kind.plural} hangs" for r in self._reflectors if now - r.last_progress > STUCK_SECONDS]
        busy = [f"{name} hangs" for name, since in list(self._busy.items()) if now - since > STUCK_SECONDS]
        return dead + stuck + busy

    def readiness_problems(self) -> list[str]:
        """Return why the controller does not know all objects."""
        shutdown = ["stopping"] if self._stopping.is_set() else []
        return shutdown + [reflector.problem for reflector in self._reflectors if reflector.problem]

    def _reflect(self, reflector: Reflector) -> None:
        with about(reflector.kind.name):
            reflector.run(self._stopping)

    def _work(self) -> None:
        # Nothing is decided before everything was listed once: what is not known yet is not missing.
        for store in self._stores.values():
            while not store.synced.wait(1):
                if self._stopping.is_set():
                    return
        while (key := self._queue.take()) is not None:
            self._busy[threading.current_thread().name] = time.monotonic()
            with about(key.kind.name, key.namespace, key.name):
                self._reconcile(key)
            self._queue.done(key)
            self._busy.pop(threading.current_thread().name)

    def _reconcile(self, key: ResourceKey) -> None:
        """Reconcile one resource; an error never ends the worker."""
        try:
            again = self._reconciler.reconcile(key)
        except ConflictError as error:
            log.debug("reconciling again: %s", error)
            self._queue.add_failed(key)
        except ApiError as error:
            log.warning("retrying in %g s: %s", self._queue.add_failed(key), error)
        except Exception:  # one resource that can't be reconciled must not stop the others
            log.exception("retrying in %g s", self._queue.add_failed(key))
        else:
            self._queue.succeeded(key)
            if again is not None:
                self._queue.add_after(key, again.timestamp() - time.time())


def run(
    api: Api, options: Options, shutdown: ShutdownSignal, *, namespace: str | None, address: tuple[str, int]
) -> None:
    """Run the controller until SIGTERM or SIGINT."""
    controller = Controller(api, options, namespace)
    scope = f"namespace {namespace}" if namespace else "all namespaces"
    with health.serving(address, controller.liveness_problems, controller.readiness_problems), controller.running():
        log.info(f"serving {scope}, mover image {options.image}")
        with contextlib.suppress(Failure):
            while True:
                shutdown.sleep(threading.TIMEOUT_MAX)
        log.info("stopping: running syncs continue, the next controller resumes them")


def _thread(name: str, target: object, *arguments: object) -> threading.Thread:
    # Threads that watch wait for the API server; they end with the process.
    return threading.Thread(target=target, name=name, args=arguments, daemon=True)  # type: ignore[arg-type]
