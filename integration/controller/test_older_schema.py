"""Resources stored under an older schema can still be served, updated and deleted."""

from typing import Any

import pytest

from integration.controller.api import Api, Resource
from integration.controller.control_plane import ControlPlane
from integration.controller.older_schema import accepting_anything
from mover.controller.kube.api_errors import RefusedError
from tests.support.manifests import guide_destination, guide_source

pytestmark = pytest.mark.needs("kubernetes")

OUTDATED: list[dict[str, Any]] = [
    {"sourcePVC": "My Data"},
    {"restic": None},
    {"restic": None, "rsync": {}},
    {"restic__repository": None, "restic__copyMethod": "Magic"},
    {"restic__retain__daily": -1, "restic__capacity": "big", "restic__accessModes": []},
    {"trigger__schedule": "nightly", "paused": "maybe"},
    {"restic__customCA": {}, "restic__destinationPVC": None},
]
"""Values that are refused now. Kubernetes would not serve a string field that holds a list, so none does."""


@pytest.mark.parametrize("build", [guide_source, guide_destination])
def test_a_resource_of_an_older_schema_can_be_updated_and_deleted(
    build: Any,  # noqa: ANN401  one of two functions
    plane: ControlPlane,
    namespace: str,
) -> None:
    with accepting_anything(plane, build(namespace)["kind"]) as api:
        stored = [api.create(build(namespace, f"outdated-{i}", **wrong)) for i, wrong in enumerate(OUTDATED)]
    for resource in stored:
        assert_refused(plane.api, resource)
        plane.api.set_status(resource, {"lastManualSync": "written"})
        assert plane.api.get(resource)["status"] == {"lastManualSync": "written"}
        plane.api.delete(resource)


def assert_refused(api: Api, resource: Resource) -> None:
    """Assert that the schema refuses this resource today."""
    metadata = {"namespace": resource["metadata"]["namespace"], "name": "another"}
    with pytest.raises(RefusedError):
        api.create({**resource, "metadata": metadata}, dry_run=True)
