"""What was stored before the schema knew better can still be served."""

from typing import Any

import pytest

from integration.controller.api import Api, RefusedError, Resource
from integration.controller.control_plane import ControlPlane
from integration.controller.older_schema import anything_goes
from integration.controller.written import destination, source

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
"""Fields whose values are refused now. Where a text were a list, Kubernetes itself would not serve them."""


@pytest.mark.parametrize("make", [source, destination])
def test_its_status_can_be_written_and_it_can_be_deleted(
    make: Any,  # noqa: ANN401  one of two functions
    plane: ControlPlane,
    namespace: str,
) -> None:
    with anything_goes(plane, make(namespace)["kind"]) as api:
        stored = [api.create(make(namespace, f"outdated-{i}", **wrong)) for i, wrong in enumerate(OUTDATED)]
    for resource in stored:
        refuses(plane.api, resource)
        plane.api.set_status(resource, {"lastManualSync": "written"})
        assert plane.api.get(resource)["status"] == {"lastManualSync": "written"}
        plane.api.delete(resource)


def refuses(api: Api, resource: Resource) -> None:
    """Make sure that the schema would not take this resource today."""
    metadata = {"namespace": resource["metadata"]["namespace"], "name": "another"}
    with pytest.raises(RefusedError):
        api.create({**resource, "metadata": metadata}, kept=False)
