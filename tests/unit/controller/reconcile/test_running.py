"""A Job that has not ended: why it does not start, and when it is given up."""

from mover.controller.kube.kinds import JOB, POD
from tests.support.fake_cluster import FakeCluster
from tests.support.manifests import source


def test_a_missing_secret_is_reported_with_the_message_of_the_pod() -> None:
    cluster = FakeCluster(source({"manual": "once"}))
    cluster.settle()
    cluster.start_pod()
    pod = cluster.mover()
    assert pod is not None
    waiting = {"reason": "CreateContainerConfigError", "message": 'secret "restic-config" not found'}
    pod["status"] = {"phase": "Pending", "containerStatuses": [{"name": "mover", "state": {"waiting": waiting}}]}
    cluster.remember()
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "MoverNotStarting"
    assert cluster.synchronizing()["status"] == "True"
    assert 'secret "restic-config" not found' in cluster.synchronizing()["message"]
    cluster.edit(restic={**cluster.resource["spec"]["restic"], "repository": "other"})
    cluster.settle()
    del cluster.objects[POD, pod["metadata"]["name"]]
    cluster.remember()
    cluster.settle()
    job = cluster.job()
    assert job is not None
    container = job["spec"]["template"]["spec"]["containers"][0]
    assert container["envFrom"] == [{"secretRef": {"name": "other"}}], "the Job that could not start is created again"


def test_a_job_without_a_pod_is_reported_after_a_minute() -> None:
    cluster = FakeCluster(source())
    cluster.settle()
    cluster.later(minutes=1)
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "MoverNotStarting"
    assert "scribe-src-photos" in cluster.synchronizing()["message"]


def test_three_disrupted_pods_fail_an_attempt_and_two_do_not() -> None:
    cluster = FakeCluster(source({"manual": "once"}))
    cluster.settle()
    for _ in range(3):
        assert not cluster.events
        cluster.start_pod()
        cluster.disrupt_pod()
        cluster.settle()
        pod = cluster.mover()
        if pod:
            # Evicted pods go; what was seen of them has to be remembered.
            del cluster.objects[POD, pod["metadata"]["name"]]
    assert cluster.synchronizing()["reason"] == "Disrupted"
    assert not cluster.of(JOB), "a Job that has not ended would go on making pods"
