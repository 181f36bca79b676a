"""Conditions that follow from the spec, whatever state the resource is in."""

from tests.support.fake_cluster import FakeCluster
from tests.support.manifests import destination, source


def test_a_source_without_retain_has_a_condition() -> None:
    cluster = FakeCluster(source(retain=None))
    cluster.settle()
    assert cluster.condition("NothingForgotten")["status"] == "True"
    cluster.edit(restic={**cluster.resource["spec"]["restic"], "retain": {"daily": 7}})
    cluster.settle()
    assert not cluster.condition("NothingForgotten")
    assert not FakeCluster(destination()).condition("NothingForgotten")
