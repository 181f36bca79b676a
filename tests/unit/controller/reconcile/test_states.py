"""The state of a resource follows from what is observed."""

import pytest

from mover.controller.api.spec import read_spec
from mover.controller.api.status import StatusEditor
from mover.controller.reconcile.decide import RECONCILE
from mover.controller.reconcile.states import State, state_of
from tests.support.fake_cluster import FakeCluster
from tests.support.manifests import Object, source


def state(cluster: FakeCluster) -> State:
    observed = cluster.observe()
    spec = read_spec(observed.resource)
    assert spec is not None
    return state_of(observed, spec, StatusEditor(observed.resource, observed.now))


def test_a_sync_goes_through_all_states() -> None:
    cluster = FakeCluster(source({"manual": "once"}, copyMethod="Snapshot"))
    seen = [state(cluster)]
    cluster.settle()
    seen.append(state(cluster))
    cluster.make_snapshots_ready()
    cluster.settle()
    cluster.start_pod()
    seen.append(state(cluster))
    cluster.end_pod()
    seen.append(state(cluster))
    cluster.settle()
    seen.append(state(cluster))
    assert seen == [State.IDLE, State.PREPARING, State.RUNNING, State.FINISHED, State.IDLE]


@pytest.mark.parametrize("change", [{"paused": True}, {"trigger": {"manual": "twice"}}, {"sourcePVC": ""}])
def test_an_attempt_without_a_job_is_abandoned_if_the_spec_changes(change: Object) -> None:
    cluster = FakeCluster(source({"manual": "once"}, copyMethod="Snapshot"))
    cluster.settle()
    cluster.edit(**change)
    assert state(cluster) is State.IDLE


def test_an_attempt_with_a_job_runs_even_if_the_spec_changes() -> None:
    cluster = FakeCluster(source({"manual": "once"}))
    cluster.settle()
    cluster.edit(paused=True, sourcePVC="")
    assert state(cluster) is State.RUNNING


def test_each_state_has_its_function() -> None:
    assert {state: reconcile.__name__ for state, reconcile in RECONCILE.items()} == {
        state: f"reconcile_{state.value.lower()}" for state in State
    }
