"""Stores are kept up to date by watches, whatever becomes of the connection."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from integration.controller.control_plane import ControlPlane
from integration.servers.relay import Relay, relay
from mover.controller.kube import reflector as reflecting
from mover.controller.kube.client import Api, WatchEvent, connect
from mover.controller.kube.kinds import Kind, KubernetesObject
from mover.controller.kube.object_store import Store, name_of
from mover.controller.kube.reflector import Reflector
from tests.support.mover_process import wait_until

pytestmark = pytest.mark.needs("kubernetes")

CONFIG = Kind("v1", "ConfigMap", "configmaps")


def config(namespace: str, name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": name}, "data": data}


class Seen:
    """What a store said has gone, by name."""

    def __init__(self) -> None:
        self.gone: list[str] = []

    def __call__(self, before: KubernetesObject | None, after: KubernetesObject | None) -> None:
        if before is not None and after is None:
            self.gone.append(name_of(before))


class Watch:
    """A store of the ConfigMaps in one namespace, and the reflector that feeds it."""

    def __init__(self, api: Api, namespace: str) -> None:
        self.seen = Seen()
        self.store = Store(self.seen)
        self.namespace = namespace
        self.reflector = Reflector(api, CONFIG, self.store, namespace, is_optional=False)

    @property
    def names(self) -> set[str]:
        return {name_of(item) for item in self.store} - {"kube-root-ca.crt"}

    def has(self, *names: str) -> Callable[[], bool]:
        return lambda: self.names == set(names)


@contextmanager
def watching(api: Api, namespace: str) -> Iterator[Watch]:
    watch, stopping = Watch(api, namespace), threading.Event()
    thread = threading.Thread(target=watch.reflector.run, args=[stopping], daemon=True)
    thread.start()
    try:
        assert watch.store.synced.wait(60), "the ConfigMaps were not listed within a minute"
        yield watch
    finally:
        stopping.set()


@pytest.fixture
def api(plane: ControlPlane) -> Iterator[Api]:
    with closing(connect(plane.kubeconfig)) as opened:
        yield opened


@pytest.fixture
def cut(plane: ControlPlane) -> Iterator[Relay]:
    """A connection to the API server that tests can cut."""
    with relay(plane.server) as between:
        yield between


@pytest.fixture
def cut_api(plane: ControlPlane, cut: Relay, tmp_path: Path) -> Iterator[Api]:
    config = plane.kubeconfig.read_text().replace(plane.server, cut.endpoint)
    file = tmp_path / "kubeconfig"
    file.write_text(config)
    with closing(connect(file)) as opened:
        yield opened


def test_created_changed_and_deleted_objects_are_seen(plane: ControlPlane, namespace: str, api: Api) -> None:
    plane.api.create(config(namespace, "before"))
    with watching(api, namespace) as watch:
        wait_until(watch.has("before"), "what was there is known")
        plane.api.create(config(namespace, "after", color="blue"))
        wait_until(watch.has("before", "after"), "what came is known")
        plane.api.merge(config(namespace, "after"), {"data": {"color": "green"}})
        wait_until(
            lambda: (watch.store.get(namespace, "after") or {})["data"] == {"color": "green"}, "the change is known"
        )
        plane.api.delete(config(namespace, "before"))
        wait_until(watch.has("after"), "what went is no longer known")


def test_changes_during_an_outage_are_seen_after_it(
    plane: ControlPlane, namespace: str, cut: Relay, cut_api: Api
) -> None:
    plane.api.create(config(namespace, "first"))
    with watching(cut_api, namespace) as watch:
        wait_until(watch.has("first"), "what was there is known")
        cut.refuse()
        plane.api.delete(config(namespace, "first"))
        plane.api.create(config(namespace, "second"))
        wait_until(lambda: watch.reflector.problem is not None, "the watch knows that it may be out of date")
        cut.let_pass()
        wait_until(watch.has("second"), "what changed meanwhile is known")
        assert "first" in watch.seen.gone, "nothing that waits for it to go is notified"
        wait_until(lambda: watch.reflector.problem is None, "the watch knows that it is up to date again")


def test_a_silent_watch_is_restarted_with_a_list(
    plane: ControlPlane, namespace: str, cut: Relay, cut_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mover.controller.kube.client.SILENCE_SECONDS", 1.0)
    with watching(cut_api, namespace) as watch:
        cut.hang()
        plane.api.create(config(namespace, "missed"))
        wait_until(lambda: watch.reflector.problem is not None, "the silence is noticed")
        # What was held comes through now, on connections that nobody reads any more.
        cut.refuse()
        cut.let_pass()
        wait_until(watch.has("missed"), "what was missed is known")


def test_an_expired_version_is_followed_by_a_new_list(plane: ControlPlane, namespace: str, api: Api) -> None:
    plane.api.create(config(namespace, "there"))
    forgetful = Forgetful(api)
    with watching(forgetful, namespace) as watch:
        wait_until(watch.has("there"), "what was there is known")
        plane.api.create(config(namespace, "later"))
        wait_until(watch.has("there", "later"), "what came later is known")
    assert forgetful.refused == 1, "the API server was never asked for a version it has forgotten"


class Forgetful(Api):
    """Asks for a version that the API server has forgotten, once."""

    refused = 0

    def __init__(self, api: Api) -> None:
        super().__init__(api._client)  # noqa: SLF001  the same connection

    def watch(self, kind: Kind, version: str, seconds: float, namespace: str | None = None) -> Iterator[WatchEvent]:
        if self.refused == 0:
            self.refused += 1
            version = "1"
        return super().watch(kind, version, seconds, namespace)


def test_a_watch_that_ends_in_good_order_goes_on_without_a_list(
    plane: ControlPlane, namespace: str, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reflecting, "WATCH_SECONDS", (1.0, 1.0))
    mark = plane.audit.mark()
    with watching(api, namespace) as watch:

        def asked(verb: str) -> int:
            requests = plane.audit.since(mark, "admin")
            return len([r for r in requests if (r.verb, r.resource, r.namespace) == (verb, "configmaps", namespace)])

        wait_until(lambda: asked("watch") >= 3, "the watch was started again twice")
        plane.api.create(config(namespace, "late"))
        wait_until(watch.has("late"), "what came in a later watch is known")
        assert asked("list") == 1, "each list costs the API server as much as all objects are worth"


def test_a_kind_that_is_not_installed_has_no_objects_until_it_is(api: Api) -> None:
    store = Store(Seen())
    absent = Kind("nobody.example/v1", "Thing", "things")
    reflector = Reflector(api, absent, store, None, is_optional=True)
    stopping = threading.Event()
    threading.Thread(target=reflector.run, args=[stopping], daemon=True).start()
    wait_until(store.synced.is_set, "nothing more is expected of it")
    stopping.set()
    assert (store.served, list(store), reflector.problem) == (False, [], None)


def test_a_kind_that_is_needed_and_not_installed_is_a_problem_with_its_name(api: Api) -> None:
    store = Store(Seen())
    reflector = Reflector(api, Kind("nobody.example/v1", "Thing", "things"), store, None, is_optional=False)
    stopping = threading.Event()
    threading.Thread(target=reflector.run, args=[stopping], daemon=True).start()
    wait_until(lambda: reflector.problem == "things: 404 page not found", "the problem is reported")
    stopping.set()
    assert not store.synced.is_set(), "what can't be listed is taken for known"
