"""The writes of a decision reach the API server in order, and the next reconcile has seen them."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from integration.controller.api import Resource
from integration.controller.control_plane import ControlPlane
from integration.controller.namespaces import TestNamespace
from mover.controller.api.resource_kind import SOURCE
from mover.controller.kube import kinds
from mover.controller.kube.api_errors import ConflictError, RefusedError
from mover.controller.kube.client import Api, connect
from mover.controller.kube.event_recorder import EventRecorder
from mover.controller.kube.kinds import Kind, KubernetesObject
from mover.controller.kube.work_queue import WorkQueue
from mover.controller.kube.writes import Create, Delete, Event, PatchStatus, Write
from mover.controller.reconcile.cluster_cache import ClusterCache, ResourceKey
from mover.controller.reconcile.decision import Decision
from mover.controller.reconcile.reconciler import Reconciler
from mover.controller.resources.observed import Observed

pytestmark = pytest.mark.needs("kubernetes")


@pytest.fixture
def api(plane: ControlPlane) -> Iterator[Api]:
    with closing(connect(plane.kubeconfig)) as opened:
        yield opened


@pytest.fixture
def quiet(plane: ControlPlane, namespace: str) -> TestNamespace:
    """A namespace in which nothing happens by itself."""
    return TestNamespace(plane.api, namespace)


class OneSource:
    """Reconciles one source with a decision of the test's choice; the watches are not running."""

    def __init__(self, api: Api, source: Resource) -> None:
        self.cache = ClusterCache(WorkQueue())
        self.cache.stores[SOURCE].put(source)
        self.api = api
        metadata = source["metadata"]
        self.key = ResourceKey(SOURCE, metadata["namespace"], metadata["name"])

    def decide(self, decide: Callable[[Observed], Decision]) -> datetime | None:
        return Reconciler(self.api, self.cache, decide).reconcile(self.key)

    def write(self, *writes: Write) -> None:
        self.decide(lambda _: Decision("It is done.", writes))


class WithoutEvents(Api):
    """May record no events."""

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


def test_a_created_object_is_observed_by_the_next_reconcile_without_a_watch(quiet: TestNamespace, api: Api) -> None:
    one = OneSource(api, quiet.create_source())
    one.write(claim(quiet.namespace))
    seen: list[Observed] = []

    def decide(observed: Observed) -> Decision:
        seen.append(observed)
        return Decision("It is seen.")

    one.decide(decide)
    (made,) = seen[0].claims
    assert made["metadata"]["name"] == "made"
    one.write(Delete(kinds.VOLUME_CLAIM, "made", made["metadata"]["uid"]))
    one.decide(decide)
    assert seen[1].claims == ()


def test_a_failed_write_ends_the_decision(quiet: TestNamespace, api: Api) -> None:
    source = quiet.create_source()
    one = OneSource(api, source)
    quiet.api.merge(source, {"metadata": {"labels": {"changed": "meanwhile"}}})
    with pytest.raises(ConflictError):
        one.write(PatchStatus({"metadata": version(source)}), claim(quiet.namespace))
    assert quiet.api.list("v1", "PersistentVolumeClaim", quiet.namespace) == []


def test_a_refused_write_is_an_error_with_the_message_of_the_api_server(quiet: TestNamespace, api: Api) -> None:
    with pytest.raises(RefusedError, match="must be greater than zero"):
        OneSource(api, quiet.create_source()).write(claim(quiet.namespace, size="0"))


def test_deleting_an_object_that_has_gone_succeeds(quiet: TestNamespace, api: Api) -> None:
    one = OneSource(api, quiet.create_source())
    one.write(Delete(kinds.VOLUME_CLAIM, "never-there", "00000000-0000-0000-0000-000000000000"))
    quiet.create_claim("another")
    one.write(Delete(kinds.VOLUME_CLAIM, "another", "00000000-0000-0000-0000-000000000000"))
    names = [c["metadata"]["name"] for c in quiet.api.list("v1", "PersistentVolumeClaim", quiet.namespace)]
    assert names == ["another"], "another object of that name was deleted"


def test_the_same_event_is_counted_and_not_repeated(quiet: TestNamespace, api: Api) -> None:
    source = quiet.create_source()
    one = OneSource(api, source)
    for _ in range(3):
        one.write(Event("Warning", "WrongPassword", "The password is wrong."))
    one.write(Event("Normal", "Synced", "It is saved."))
    assert sorted(quiet.events(source)) == [
        ("Normal", "Synced", "It is saved."),
        ("Warning", "WrongPassword", "The password is wrong."),
    ]
    counts = {e["reason"]: e["count"] for e in quiet.api.list("v1", "Event", quiet.namespace)}
    assert counts == {"WrongPassword": 3, "Synced": 1}


def test_an_event_that_has_expired_is_created_again(quiet: TestNamespace, api: Api) -> None:
    source = quiet.create_source()
    recorder, event = EventRecorder(api), Event("Warning", "WrongPassword", "The password is wrong.")
    recorder.record(source, event)
    (expired,) = quiet.api.list("v1", "Event", quiet.namespace)
    quiet.api.delete({"apiVersion": "v1", "kind": "Event", **expired})  # as the API server does after an hour
    recorder.record(source, event)
    recorder.record(source, event)
    (again,) = quiet.api.list("v1", "Event", quiet.namespace)
    assert (again["reason"], again["count"]) == ("WrongPassword", 2)


def test_an_event_of_an_earlier_controller_process_is_counted_up(quiet: TestNamespace, api: Api) -> None:
    source, event = quiet.create_source(), Event("Warning", "WrongPassword", "The password is wrong.")
    for _ in range(2):
        EventRecorder(api).record(source, event)
    assert [e["count"] for e in quiet.api.list("v1", "Event", quiet.namespace)] == [2]


def test_an_event_of_any_length_and_of_any_name_is_recorded(quiet: TestNamespace, api: Api) -> None:
    source = quiet.create_source("n" * 253)
    OneSource(api, source).write(Event("Warning", "Long", "ä" * 5000))
    ((_, _, message),) = quiet.events(source)
    assert message.startswith("ää")


def test_an_event_that_cannot_be_recorded_stops_nothing(
    quiet: TestNamespace, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    one = OneSource(WithoutEvents(api), quiet.create_source())
    one.write(Event("Warning", "Odd", "It is odd."), claim(quiet.namespace))
    assert len(quiet.api.list("v1", "PersistentVolumeClaim", quiet.namespace)) == 1
    assert [record.levelname for record in caplog.records if "Odd" in record.getMessage()] == ["WARNING"]


def test_the_time_of_the_next_reconcile_is_returned(quiet: TestNamespace, api: Api) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    assert OneSource(api, quiet.create_source()).decide(lambda _: Decision("It waits.", requeue_at=later)) == later


def test_a_message_is_logged_when_it_changes(quiet: TestNamespace, api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "mover")
    one = OneSource(api, quiet.create_source())
    messages = iter(["It waits.", "It waits.", "It runs."])
    reconciler = Reconciler(api, one.cache, lambda _: Decision(next(messages)))
    for _ in range(3):
        reconciler.reconcile(one.key)
    assert caplog.messages == ["It waits.", "It runs."]


def test_a_refusal_is_observed_by_the_next_reconcile_and_not_retried_at_once(quiet: TestNamespace, api: Api) -> None:
    one = OneSource(api, quiet.create_source())
    seen: list[str | None] = []

    def decide(observed: Observed) -> Decision:
        seen.append(observed.refusal)
        return Decision("It is tried.", () if observed.refusal else (claim(quiet.namespace, size="0"),))

    reconciler = Reconciler(api, one.cache, decide)
    with pytest.raises(RefusedError):
        reconciler.reconcile(one.key)
    again = reconciler.reconcile(one.key)
    assert seen[0] is None
    assert "must be greater than zero" in str(seen[1])
    assert again is not None
    assert again > datetime.now(UTC)
