"""The writes of a decision reach the API server in order, and what is looked at next has seen them."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from integration.controller.api import Resource
from integration.controller.control_plane import ControlPlane
from integration.controller.scene import Scene
from mover.controller.kube import kinds
from mover.controller.kube.api_errors import ConflictError, RefusedError
from mover.controller.kube.client import Api, connect
from mover.controller.kube.kinds import Kind, KubernetesObject
from mover.controller.kube.work_queue import WorkQueue
from mover.controller.reconcile.cluster_cache import ClusterCache, ResourceKey
from mover.controller.reconcile.decision import Create, Decision, Delete, Event, PatchStatus, Write
from mover.controller.reconcile.reconciler import Reconciler
from mover.controller.resources.observed import Observed

pytestmark = pytest.mark.needs("kubernetes")


@pytest.fixture
def api(plane: ControlPlane) -> Iterator[Api]:
    with closing(connect(plane.kubeconfig)) as opened:
        yield opened


@pytest.fixture
def quiet(plane: ControlPlane, namespace: str) -> Scene:
    """A namespace in which nothing happens by itself."""
    return Scene(plane.api, namespace)


class Look:
    """Looks at one source with a decision of the test's choice; the watches are not running."""

    def __init__(self, api: Api, source: Resource) -> None:
        self.view = ClusterCache(WorkQueue())
        self.view.stores[kinds.SOURCE].put(source)
        self.api = api
        metadata = source["metadata"]
        self.key = ResourceKey(kinds.SOURCE, metadata["namespace"], metadata["name"])

    def decide(self, decide: Callable[[Observed], Decision]) -> datetime | None:
        return Reconciler(self.api, self.view, decide).reconcile(self.key)

    def write(self, *writes: Write) -> None:
        self.decide(lambda _: Decision("It is done.", writes))


class Silenced(Api):
    """May tell no events."""

    def __init__(self, api: Api) -> None:
        super().__init__(api._client)  # noqa: SLF001  the same connection

    def create(self, kind: Kind, body: KubernetesObject) -> KubernetesObject:
        if kind is kinds.EVENT:
            raise RefusedError("events is forbidden", 403, "Forbidden")
        return super().create(kind, body)


def claim(namespace: str, size: str = "1Gi") -> Create:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, "storageClassName": ""}
    return Create(kinds.VOLUME_CLAIM, {"metadata": {"namespace": namespace, "name": "made"}, "spec": spec})


def version(resource: Resource) -> dict[str, str]:
    return {"resourceVersion": resource["metadata"]["resourceVersion"]}


def test_what_was_made_is_seen_at_the_next_look_though_no_watch_told_of_it(quiet: Scene, api: Api) -> None:
    look = Look(api, quiet.source())
    look.write(claim(quiet.namespace))
    seen: list[Observed] = []

    def decide(observed: Observed) -> Decision:
        seen.append(observed)
        return Decision("It is seen.")

    look.decide(decide)
    (made,) = seen[0].claims
    assert made["metadata"]["name"] == "made"
    look.write(Delete(kinds.VOLUME_CLAIM, "made", made["metadata"]["uid"]))
    look.decide(decide)
    assert seen[1].claims == ()


def test_a_failed_write_ends_the_decision(quiet: Scene, api: Api) -> None:
    source = quiet.source()
    look = Look(api, source)
    quiet.api.merge(source, {"metadata": {"labels": {"changed": "meanwhile"}}})
    with pytest.raises(ConflictError):
        look.write(PatchStatus({"metadata": version(source)}), claim(quiet.namespace))
    assert quiet.api.list("v1", "PersistentVolumeClaim", quiet.namespace) == []


def test_what_the_api_server_refuses_is_an_error_with_its_sentence(quiet: Scene, api: Api) -> None:
    with pytest.raises(RefusedError, match="must be greater than zero"):
        Look(api, quiet.source()).write(claim(quiet.namespace, size="0"))


def test_what_has_gone_already_is_deleted(quiet: Scene, api: Api) -> None:
    look = Look(api, quiet.source())
    look.write(Delete(kinds.VOLUME_CLAIM, "never-there", "00000000-0000-0000-0000-000000000000"))
    quiet.claim("another")
    look.write(Delete(kinds.VOLUME_CLAIM, "another", "00000000-0000-0000-0000-000000000000"))
    names = [c["metadata"]["name"] for c in quiet.api.list("v1", "PersistentVolumeClaim", quiet.namespace)]
    assert names == ["another"], "another object of that name was deleted"


def test_the_same_event_is_counted_and_not_repeated(quiet: Scene, api: Api) -> None:
    source = quiet.source()
    look = Look(api, source)
    for _ in range(3):
        look.write(Event("Warning", "WrongPassword", "The password is wrong."))
    look.write(Event("Normal", "Synced", "It is saved."))
    assert sorted(quiet.events(source)) == [
        ("Normal", "Synced", "It is saved."),
        ("Warning", "WrongPassword", "The password is wrong."),
    ]
    counts = {e["reason"]: e["count"] for e in quiet.api.list("v1", "Event", quiet.namespace)}
    assert counts == {"WrongPassword": 3, "Synced": 1}


def test_an_event_of_any_length_and_of_any_name_is_told(quiet: Scene, api: Api) -> None:
    source = quiet.source("n" * 253)
    Look(api, source).write(Event("Warning", "Long", "ä" * 5000))
    ((_, _, message),) = quiet.events(source)
    assert message.startswith("ää")


def test_an_event_that_can_not_be_told_stops_nothing(quiet: Scene, api: Api, caplog: pytest.LogCaptureFixture) -> None:
    look = Look(Silenced(api), quiet.source())
    look.write(Event("Warning", "Odd", "It is odd."), claim(quiet.namespace))
    assert len(quiet.api.list("v1", "PersistentVolumeClaim", quiet.namespace)) == 1
    assert "could not be told" in caplog.text


def test_when_to_look_again_is_handed_on(quiet: Scene, api: Api) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    assert Look(api, quiet.source()).decide(lambda _: Decision("It waits.", requeue_at=later)) == later


def test_a_sentence_is_logged_when_it_is_another(quiet: Scene, api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "mover")
    look = Look(api, quiet.source())
    sentences = iter(["It waits.", "It waits.", "It runs."])
    reconciler = Reconciler(api, look.view, lambda _: Decision(next(sentences)))
    for _ in range(3):
        reconciler.reconcile(look.key)
    assert caplog.messages == ["It waits.", "It runs."]


def test_what_was_refused_is_shown_to_the_next_look_and_not_tried_at_once(quiet: Scene, api: Api) -> None:
    look = Look(api, quiet.source())
    seen: list[str | None] = []

    def decide(observed: Observed) -> Decision:
        seen.append(observed.refusal)
        return Decision("It is tried.", () if observed.refusal else (claim(quiet.namespace, size="0"),))

    reconciler = Reconciler(api, look.view, decide)
    with pytest.raises(RefusedError):
        reconciler.reconcile(look.key)
    again = reconciler.reconcile(look.key)
    assert seen[0] is None
    assert "must be greater than zero" in str(seen[1])
    assert again is not None
    assert again > datetime.now(UTC)
