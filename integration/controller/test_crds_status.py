"""What both resources show of their state: the columns of `kubectl get`, and the status that the controller writes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from integration.controller.control_plane import ControlPlane
from mover.controller.api.conditions import Type
from mover.controller.api.status import Attempt, Failed, StatusEditor
from mover.controller.resources.job_result import RESTORED_FIELDS, SNAPSHOT_FIELDS
from tests.support.manifests import guide_destination, guide_source

pytestmark = pytest.mark.needs("kubernetes")


def test_get_shows_source_state_and_times(plane: ControlPlane, namespace: str) -> None:
    made = plane.api.create(guide_source(namespace))
    idle = {
        "type": "Synchronizing",
        "status": "False",
        "reason": "WaitingForSchedule",
        "message": "The next sync starts at 12:30.",
        "lastTransitionTime": "2026-11-24T12:01:00Z",
    }
    times = {"lastSyncTime": "2026-11-24T12:01:00Z", "nextSyncTime": "2026-11-24T12:30:00Z", "lastSyncDuration": "1m2s"}
    plane.api.set_status(made, {**times, "conditions": [idle]})
    header, row = plane.kubectl("get", "-n", namespace, "replicationsources").splitlines()
    assert [column.strip() for column in header.split("  ") if column.strip()] == [
        "NAME",
        "SOURCE",
        "STATE",
        "LAST SYNC",
        "DURATION",
        "NEXT SYNC",
    ]
    assert row.split() == [
        "mydata-backup",
        "mydata",
        "WaitingForSchedule",
        "2026-11-24T12:01:00Z",
        "1m2s",
        "2026-11-24T12:30:00Z",
    ]


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
IMAGE = {"apiGroup": "", "kind": "PersistentVolumeClaim", "name": "datavol"}


def facts(fields: dict[str, type]) -> dict[str, Any]:
    return {name: 2**62 if type_ is int else "2026-11-24T12:00:00Z" for name, type_ in fields.items()}


@pytest.mark.parametrize("build", [guide_source, guide_destination])
def test_the_schema_keeps_all_that_the_controller_writes_into_a_status(
    build: Any,  # noqa: ANN401  one of two functions
    plane: ControlPlane,
    namespace: str,
) -> None:
    made = plane.api.create(build(namespace))
    status = StatusEditor(made, NOW)
    status.attempt = Attempt("42", NOW, "manual", 1, ("uid",))
    status.failed = Failed(3, 1, "WrongPassword", "The password is wrong.", NOW)
    for name in ("lastSyncTime", "lastSyncStartTime", "nextSyncTime"):
        status.set_time(name, NOW)
    for name, value in {"lastSyncDuration": "1m2s", "lastManualSync": "manual"}.items():
        status.set(name, value)
    status.set("latestMoverStatus", {"result": "Failed", "logs": "two\nlines"})
    for type_ in Type:
        status.set_condition(type_, "Reason", "A message.")
    if build is guide_source:
        status.set("lastSnapshot", facts(SNAPSHOT_FIELDS) | {"complete": True})
        for name in ("lastPruned", "lastChecked", "lastUnlocked"):
            status.set_restic(name, "2026-11-24T12:00:00Z")
    else:
        status.set("lastRestored", facts(RESTORED_FIELDS) | {"complete": False})
        status.set("latestImage", IMAGE)
    plane.api.merge(made, status.patch(), "status")
    assert plane.api.get(made)["status"] == status.fields
