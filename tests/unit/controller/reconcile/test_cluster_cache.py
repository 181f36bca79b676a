"""Which resources are looked at when something around them changes."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from mover.controller.kube import kinds
from mover.controller.kube.kinds import Kind
from mover.controller.kube.work_queue import WorkQueue
from mover.controller.reconcile.cluster_cache import ClusterCache, ResourceKey
from mover.controller.resources.names import OWNER_LABEL

VERSIONS = itertools.count(1)


class Cluster:
    """A view, and the resources that a change puts into its queue."""

    def __init__(self) -> None:
        self.queue = WorkQueue[ResourceKey]()
        self.view = ClusterCache(self.queue)

    def put(self, kind: Kind, name: str, namespace: str = "ns", **fields: Any) -> dict[str, Any]:  # noqa: ANN401
        metadata = {"name": name, "uid": f"uid-{kind}-{name}", "resourceVersion": str(next(VERSIONS))}
        metadata |= {"namespace": namespace} if kind.namespaced else {}
        item = {"apiVersion": kind.api_version, "kind": kind.name, **fields}
        item["metadata"] = metadata | fields.get("metadata", {})
        self.view.stores[kind].put(item)
        return item

    def woken(self) -> set[str]:
        keys = [self.queue.take() for _ in range(len(self.queue))]
        for key in keys:
            assert key is not None
            self.queue.done(key)
        return {key.name for key in keys if key}


@pytest.fixture
def cluster() -> Cluster:
    cluster = Cluster()
    cluster.put(kinds.SOURCE, "photos", spec={"sourcePVC": "photos"})
    cluster.put(kinds.DESTINATION, "restore", spec={"restic": {"destinationPVC": "films"}})
    cluster.put(kinds.SOURCE, "elsewhere", namespace="other", spec={"sourcePVC": "photos"})
    cluster.woken()
    return cluster


def owned_by(name: str) -> dict[str, Any]:
    return {"ownerReferences": [{"kind": "ReplicationSource", "name": name, "controller": True}]}


def mounting(claim: str) -> dict[str, Any]:
    return {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]}


def test_a_change_of_its_job_or_snapshot_wakes_the_owner(cluster: Cluster) -> None:
    for kind in (kinds.JOB, kinds.VOLUME_SNAPSHOT):
        cluster.put(kind, "made", metadata=owned_by("photos"))
        assert cluster.woken() == {"photos"}


def test_a_job_of_somebody_else_wakes_nobody(cluster: Cluster) -> None:
    cluster.put(kinds.JOB, "cron", metadata={"ownerReferences": [{"kind": "CronJob", "name": "photos"}]})
    assert cluster.woken() == set()


def test_a_volume_that_is_named_wakes_who_names_it(cluster: Cluster) -> None:
    cluster.put(kinds.VOLUME_CLAIM, "photos")
    assert cluster.woken() == {"photos"}
    cluster.put(kinds.VOLUME_CLAIM, "films")
    assert cluster.woken() == {"restore"}


def test_a_pod_that_comes_or_goes_wakes_who_names_its_volume(cluster: Cluster) -> None:
    pod = cluster.put(kinds.POD, "web", spec=mounting("films"))
    assert cluster.woken() == {"restore"}
    cluster.view.stores[kinds.POD].remove(pod)
    assert cluster.woken() == {"restore"}


def test_a_pod_wakes_whose_volume_was_made_by_the_controller(cluster: Cluster) -> None:
    cluster.put(kinds.VOLUME_CLAIM, "made", metadata=owned_by("photos"))
    cluster.woken()
    cluster.put(kinds.POD, "web", spec=mounting("made"))
    assert cluster.woken() == {"photos"}


def test_the_state_of_a_movers_pod_wakes_its_resource(cluster: Cluster) -> None:
    label = {"labels": {OWNER_LABEL: "uid-ReplicationSource-photos"}}
    waiting = {"containerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull"}}}]}
    cluster.put(kinds.POD, "mover", metadata=label)
    cluster.woken()
    cluster.put(kinds.POD, "mover", metadata=label, status=waiting)
    assert cluster.woken() == {"photos"}


def test_what_changes_in_other_pods_apart_from_their_volumes_wakes_nobody(cluster: Cluster) -> None:
    cluster.put(kinds.POD, "web", spec=mounting("photos"), status={"phase": "Running"})
    cluster.woken()
    cluster.put(kinds.POD, "web", spec=mounting("photos"), status={"phase": "Running", "podIP": "10.0.0.1"})
    assert cluster.woken() == set()


def test_little_is_kept_of_pods_that_are_no_movers(cluster: Cluster) -> None:
    secret = {"name": "web", "env": [{"name": "PASSWORD", "value": "in the open"}]}
    cluster.put(kinds.POD, "web", spec={"containers": [secret], "nodeName": "node-a", **mounting("photos")})
    assert cluster.view.stores[kinds.POD].get("ns", "web")["spec"] == {"nodeName": "node-a", **mounting("photos")}  # type: ignore[index]


def test_a_class_that_comes_wakes_everybody(cluster: Cluster) -> None:
    cluster.put(kinds.STORAGE_CLASS, "fast")
    assert cluster.woken() == {"photos", "restore", "elsewhere"}


def test_a_changed_namespace_wakes_those_in_it(cluster: Cluster) -> None:
    cluster.put(kinds.NAMESPACE, "other")
    assert cluster.woken() == {"elsewhere"}


def test_a_source_that_changes_wakes_the_others_of_its_namespace_which_may_share_its_repository(
    cluster: Cluster,
) -> None:
    source = cluster.put(kinds.SOURCE, "more", spec={"sourcePVC": "more"})
    assert cluster.woken() == {"more", "photos"}
    cluster.put(kinds.SOURCE, "more", spec={"sourcePVC": "more"}, status={"conditions": []})
    assert cluster.woken() == {"more"}, "a status is nobody else's business"
    cluster.view.stores[kinds.SOURCE].remove(source)
    assert cluster.woken() == {"more", "photos"}


def test_what_is_observed_is_of_the_resources_own_namespace(cluster: Cluster) -> None:
    cluster.put(kinds.VOLUME_CLAIM, "photos", spec="ours")
    cluster.put(kinds.VOLUME_CLAIM, "photos", namespace="other", spec="theirs")
    observed = cluster.view.observe(ResourceKey(kinds.SOURCE, "ns", "photos"), datetime.now(UTC))
    assert observed is not None
    assert [claim["spec"] for claim in observed.claims] == ["ours"]
    assert observed.resource["metadata"]["name"] == "photos"


def test_what_can_not_be_seen_is_not_taken_for_absent(cluster: Cluster) -> None:
    cluster.view.stores[kinds.VOLUME_SNAPSHOT].served = False
    cluster.view.stores[kinds.STORAGE_CLASS].served = False
    observed = cluster.view.observe(ResourceKey(kinds.SOURCE, "ns", "photos"), datetime.now(UTC))
    assert observed is not None
    assert (observed.snapshots, observed.storage_classes, observed.snapshot_classes) == (None, None, ())


def test_a_resource_that_has_gone_is_not_observed(cluster: Cluster) -> None:
    assert cluster.view.observe(ResourceKey(kinds.SOURCE, "ns", "gone"), datetime.now(UTC)) is None
