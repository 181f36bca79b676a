"""Which resources are reconciled when something around them changes."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from mover.controller.api.resource_kind import DESTINATION, SOURCE
from mover.controller.kube import kinds
from mover.controller.kube.kinds import Kind
from mover.controller.kube.work_queue import WorkQueue
from mover.controller.reconcile.cluster_cache import ClusterCache, ResourceKey
from mover.controller.resources.names import OWNER_LABEL
from tests.support.ready_keys import take_ready

VERSIONS = itertools.count(1)


class CacheUnderTest:
    """A cache, and the resources that a change puts into its queue."""

    def __init__(self) -> None:
        self.queue = WorkQueue[ResourceKey]()
        self.cache = ClusterCache(self.queue)

    def put(self, kind: Kind, name: str, namespace: str = "ns", **fields: Any) -> dict[str, Any]:  # noqa: ANN401
        metadata = {"name": name, "uid": f"uid-{kind}-{name}", "resourceVersion": str(next(VERSIONS))}
        metadata |= {"namespace": namespace} if kind.namespaced else {}
        item = {"apiVersion": kind.api_version, "kind": kind.name, **fields}
        item["metadata"] = metadata | fields.get("metadata", {})
        self.cache.stores[kind].put(item)
        return item

    def requeued(self) -> set[str]:
        keys = take_ready(self.queue, ResourceKey(SOURCE, "", "the mark"))
        for key in keys:
            self.queue.done(key)
        return {key.name for key in keys}


@pytest.fixture
def cluster() -> CacheUnderTest:
    cluster = CacheUnderTest()
    cluster.put(SOURCE, "photos", spec={"sourcePVC": "photos"})
    cluster.put(DESTINATION, "restore", spec={"restic": {"destinationPVC": "films"}})
    cluster.put(SOURCE, "elsewhere", namespace="other", spec={"sourcePVC": "photos"})
    cluster.requeued()
    return cluster


def owned_by(name: str) -> dict[str, Any]:
    return {"ownerReferences": [{"kind": "ReplicationSource", "name": name, "controller": True}]}


def mounting(claim: str) -> dict[str, Any]:
    return {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]}


def test_a_change_of_its_job_or_snapshot_requeues_the_owner(cluster: CacheUnderTest) -> None:
    for kind in (kinds.JOB, kinds.VOLUME_SNAPSHOT):
        cluster.put(kind, "made", metadata=owned_by("photos"))
        assert cluster.requeued() == {"photos"}


def test_a_job_without_a_managed_owner_requeues_nothing(cluster: CacheUnderTest) -> None:
    cluster.put(kinds.JOB, "cron", metadata={"ownerReferences": [{"kind": "CronJob", "name": "photos"}]})
    assert cluster.requeued() == set()


def test_a_changed_claim_requeues_resources_that_reference_it(cluster: CacheUnderTest) -> None:
    cluster.put(kinds.VOLUME_CLAIM, "photos")
    assert cluster.requeued() == {"photos"}
    cluster.put(kinds.VOLUME_CLAIM, "films")
    assert cluster.requeued() == {"restore"}


def test_a_created_or_deleted_pod_requeues_resources_of_its_volume(cluster: CacheUnderTest) -> None:
    pod = cluster.put(kinds.POD, "web", spec=mounting("films"))
    assert cluster.requeued() == {"restore"}
    cluster.cache.stores[kinds.POD].remove(pod)
    assert cluster.requeued() == {"restore"}


def test_a_pod_requeues_the_resource_that_owns_its_volume(cluster: CacheUnderTest) -> None:
    cluster.put(kinds.VOLUME_CLAIM, "made", metadata=owned_by("photos"))
    cluster.requeued()
    cluster.put(kinds.POD, "web", spec=mounting("made"))
    assert cluster.requeued() == {"photos"}


def test_a_changed_mover_pod_requeues_its_resource(cluster: CacheUnderTest) -> None:
    label = {"labels": {OWNER_LABEL: "uid-ReplicationSource-photos"}}
    waiting = {"containerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull"}}}]}
    cluster.put(kinds.POD, "mover", metadata=label)
    cluster.requeued()
    cluster.put(kinds.POD, "mover", metadata=label, status=waiting)
    assert cluster.requeued() == {"photos"}


def test_other_changes_of_pods_that_are_not_movers_requeue_nothing(cluster: CacheUnderTest) -> None:
    cluster.put(kinds.POD, "web", spec=mounting("photos"), status={"phase": "Running"})
    cluster.requeued()
    cluster.put(kinds.POD, "web", spec=mounting("photos"), status={"phase": "Running", "podIP": "10.0.0.1"})
    assert cluster.requeued() == set()


def test_only_few_fields_are_stored_of_pods_that_are_not_movers(cluster: CacheUnderTest) -> None:
    secret = {"name": "web", "env": [{"name": "PASSWORD", "value": "in the open"}]}
    cluster.put(kinds.POD, "web", spec={"containers": [secret], "nodeName": "node-a", **mounting("photos")})
    assert cluster.cache.stores[kinds.POD].get("ns", "web")["spec"] == {"nodeName": "node-a", **mounting("photos")}  # type: ignore[index]


def test_a_new_storage_class_requeues_all_resources(cluster: CacheUnderTest) -> None:
    cluster.put(kinds.STORAGE_CLASS, "fast")
    assert cluster.requeued() == {"photos", "restore", "elsewhere"}


def test_a_changed_namespace_requeues_its_resources(cluster: CacheUnderTest) -> None:
    cluster.put(kinds.NAMESPACE, "other")
    assert cluster.requeued() == {"elsewhere"}


def test_a_changed_source_requeues_the_other_sources_of_its_namespace(
    cluster: CacheUnderTest,
) -> None:
    source = cluster.put(SOURCE, "more", spec={"sourcePVC": "more"})
    assert cluster.requeued() == {"more", "photos"}
    cluster.put(SOURCE, "more", spec={"sourcePVC": "more"}, status={"conditions": []})
    assert cluster.requeued() == {"more"}, "the status does not concern other sources"
    cluster.cache.stores[SOURCE].remove(source)
    assert cluster.requeued() == {"more", "photos"}


def test_observed_objects_are_of_the_namespace_of_the_resource(cluster: CacheUnderTest) -> None:
    cluster.put(kinds.VOLUME_CLAIM, "photos", spec="ours")
    cluster.put(kinds.VOLUME_CLAIM, "photos", namespace="other", spec="theirs")
    observed = cluster.cache.observe(ResourceKey(SOURCE, "ns", "photos"), datetime.now(UTC))
    assert observed is not None
    assert [claim["spec"] for claim in observed.claims] == ["ours"]
    assert observed.resource["metadata"]["name"] == "photos"


def test_objects_of_an_unavailable_api_are_unknown_not_absent(cluster: CacheUnderTest) -> None:
    cluster.cache.stores[kinds.VOLUME_SNAPSHOT].served = False
    cluster.cache.stores[kinds.STORAGE_CLASS].served = False
    observed = cluster.cache.observe(ResourceKey(SOURCE, "ns", "photos"), datetime.now(UTC))
    assert observed is not None
    assert (observed.snapshots, observed.storage_classes, observed.snapshot_classes) == (None, None, ())


def test_a_deleted_resource_is_not_observed(cluster: CacheUnderTest) -> None:
    assert cluster.cache.observe(ResourceKey(SOURCE, "ns", "gone"), datetime.now(UTC)) is None


def test_the_end_of_a_pod_requeues_the_destination_of_its_ephemeral_volume(
    cluster: CacheUnderTest,
) -> None:
    cluster.put(DESTINATION, "cache", spec={"restic": {"destinationPVC": "web-scratch"}})
    volumes = {"volumes": [{"name": "scratch", "ephemeral": {"volumeClaimTemplate": {}}}]}
    cluster.put(kinds.POD, "web", spec=volumes, status={"phase": "Running"})
    cluster.requeued()
    pod = cluster.put(kinds.POD, "web", spec=volumes, status={"phase": "Succeeded"})
    assert cluster.requeued() == {"cache"}
    cluster.cache.stores[kinds.POD].remove(pod)
    assert cluster.requeued() == {"cache"}
