"""Which values the schemas of both resources accept, and how they refuse the rest."""

import json
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from integration.controller import accepted_values, refused_values
from integration.controller.api import InvalidError, Resource
from integration.controller.control_plane import ControlPlane
from integration.controller.refused_values import Refusal
from integration.controller.schemas import field_of, messages_of, schema_of
from mover.controller.api.spec import read_spec
from tests.support.manifests import guide_destination, guide_source

pytestmark = pytest.mark.needs("kubernetes")

VECTORS = Path(__file__).parents[2] / "tests" / "unit" / "controller" / "api" / "schedule_vectors.json"

Build = Callable[..., Resource]

REFUSED = [
    *((guide_source, case) for case in refused_values.OF_BOTH + refused_values.OF_A_SOURCE),
    *((guide_destination, case) for case in refused_values.OF_BOTH + refused_values.OF_A_DESTINATION),
]
ACCEPTED = [
    *((guide_source, *case) for case in accepted_values.OF_BOTH + accepted_values.OF_A_SOURCE),
    *((guide_destination, *case) for case in accepted_values.OF_BOTH + accepted_values.OF_A_DESTINATION),
]


def name_of(part: object) -> str:
    if isinstance(part, Refusal):
        return f"{part.change}-{part.value}"[:60]
    return getattr(part, "__name__", str(part)[:40])


@pytest.mark.parametrize(("build", "refusal"), REFUSED, ids=name_of)
def test_a_wrong_value_is_refused_at_its_field(build: Build, refusal: Refusal, plane: ControlPlane) -> None:
    resource = build("default", **{refusal.change: refusal.value})
    with pytest.raises(InvalidError) as refused:
        plane.api.create(resource, dry_run=True)
    if not refusal.reason:
        assert (refused.value.status, refused.value.reason) == (HTTPStatus.BAD_REQUEST, "BadRequest")
        assert f'"{refusal.field}"' in str(refused.value)
        return
    assert (refused.value.status, refused.value.reason) == (HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid")
    field = field_of(schema_of(plane, resource["kind"]), refusal.field)
    causes = [cause for cause in refused.value.causes if cause["field"] == refusal.field]
    messages = [cause["message"] for cause in causes if cause["reason"] == refusal.reason]
    if refusal.rule:
        (expected,) = messages_of(field, refusal.rule)
        assert any(message.endswith(f": {expected}") for message in messages)
    else:
        assert any(not message.endswith(tuple(messages_of(field))) for message in messages)


@pytest.mark.parametrize(("build", "field", "value"), ACCEPTED, ids=name_of)
def test_a_good_value_is_kept_as_it_was_written(
    build: Build,
    field: str,
    value: Any,  # noqa: ANN401  JSON
    plane: ControlPlane,
) -> None:
    resource = build("default", **{field: value})
    assert plane.api.create(resource, dry_run=True)["spec"] == resource["spec"]
    spec = read_spec(resource)
    assert spec is not None
    assert spec.problems == (), "the controller refuses what the schema accepts"


def test_restic_beside_spec_is_refused_at_spec(plane: ControlPlane) -> None:
    beside = guide_source("default", restic=None) | {"restic": guide_source("default")["spec"]["restic"]}
    with pytest.raises(InvalidError) as refused:
        plane.api.create(beside, strict=False, dry_run=True)
    (cause,) = refused.value.causes
    assert (cause["field"], cause["reason"]) == ("spec", refused_values.INVALID)
    (expected,) = messages_of(field_of(schema_of(plane, "ReplicationSource"), "spec"), "has(self.restic)")
    assert cause["message"].endswith(f": {expected}")
    assert "spec.restic" in expected


def test_the_schema_accepts_every_schedule_that_can_be_followed(plane: ControlPlane) -> None:
    for vector in json.loads(VECTORS.read_text()):
        if "fires" in vector:
            plane.api.create(guide_source("default", trigger__schedule=vector["schedule"]), dry_run=True)
