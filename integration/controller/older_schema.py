"""An older schema that accepts anything, to store resources that are refused now."""

from collections.abc import Iterator
from contextlib import contextmanager

from integration.controller.api import Api, Resource
from integration.controller.control_plane import ControlPlane
from mover.controller.kube.api_errors import RefusedError
from tests.support.mover_process import wait_until

ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


@contextmanager
def accepting_anything(plane: ControlPlane, kind: str) -> Iterator[Api]:
    """Yield the API, which accepts any resource of a kind ("ReplicationSource") until the block ends.

    The API server serves a schema some time after it is stored, so that a probe is created until it does.
    """
    probe: Resource = {
        "apiVersion": "scribe.backube/v1alpha1",
        "kind": kind,
        "metadata": {"namespace": "default", "name": "probe"},
        "spec": "wrong",
    }
    crd: Resource = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.lower()}s.scribe.backube"},
    }
    strict = plane.api.get(crd)["spec"]["versions"]
    lax = [{**version, "schema": {"openAPIV3Schema": ANYTHING}} for version in strict]
    plane.api.merge(crd, {"spec": {"versions": lax}})
    try:
        wait_until(lambda: _accepts(plane.api, probe), "the API server accepts anything")
        yield plane.api
    finally:
        plane.api.merge(crd, {"spec": {"versions": strict}})
        wait_until(lambda: not _accepts(plane.api, probe), "the API server has its schema again")


def _accepts(api: Api, resource: Resource) -> bool:
    try:
        api.create(resource, dry_run=True)
    except RefusedError:
        return False
    return True
