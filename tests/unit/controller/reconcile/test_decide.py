"""What holds in every state of a resource."""

from tests.support.fake_cluster import FakeCluster
from tests.support.manifests import source


def test_a_refused_write_is_reported_and_not_retried_at_once() -> None:
    cluster = FakeCluster(source())
    cluster.step()
    decision = cluster.step_with(refusal="jobs is forbidden: exceeded quota")
    assert cluster.synchronizing()["reason"] == "RefusedByAPI"
    assert "exceeded quota" in cluster.synchronizing()["message"]
    assert cluster.step_with(refusal="jobs is forbidden: exceeded quota").writes == ()
    assert "exceeded quota" in decision.message
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "SyncInProgress"


def test_nothing_is_written_for_a_resource_that_is_being_deleted() -> None:
    cluster = FakeCluster(source())
    cluster.resource["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    cluster.remember()
    assert cluster.step().writes == ()
