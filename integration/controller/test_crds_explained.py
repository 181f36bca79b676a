"""How the fields of both resources are explained: by kubectl, and in the documentation."""

import re
from pathlib import Path

import pytest

from integration.controller.control_plane import ControlPlane
from integration.controller.schemas import Schema, field_of, schema_of
from tests.support.mover_process import wait_until

pytestmark = pytest.mark.needs("kubernetes")

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "deploy" / "examples"
FIELDS = ROOT / "docs" / "controller" / "fields.md"
KINDS = ("ReplicationSource", "ReplicationDestination")

PARTS_OF_A_POD = (
    "moverAffinity.nodeAffinity",
    "moverAffinity.podAffinity",
    "moverAffinity.podAntiAffinity",
    "moverSecurityContext.appArmorProfile",
    "moverSecurityContext.seLinuxOptions",
    "moverSecurityContext.seccompProfile",
    "moverSecurityContext.sysctls",
    "moverSecurityContext.windowsOptions",
)
"""What is inside of these is explained by `kubectl explain pod.spec`."""


def undescribed(schema: Schema, place: str) -> list[str]:
    """Return the fields below `place` that have no description, or one that is not a sentence."""
    description = schema.get("description", "")
    found = [] if description.endswith(".") and description[0].isupper() else [place]
    if place.endswith(PARTS_OF_A_POD):
        return found
    inside = schema.get("items", schema).get("properties", {})
    return found + [field for name, inner in inside.items() for field in undescribed(inner, f"{place}.{name}")]


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_explained(kind: str, plane: ControlPlane) -> None:
    schema = schema_of(plane, kind)
    assert [field for part in ("spec", "status") for field in undescribed(field_of(schema, part), part)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_in_the_documentation(kind: str, plane: ControlPlane) -> None:
    schema, page = schema_of(plane, kind), FIELDS.read_text()
    fields = [name for part in ("spec.restic", "status") for name in field_of(schema, part)["properties"]]
    assert [field for field in fields if f"`{field}`" not in page and f"`{field}." not in page] == []


def test_shared_fields_have_the_same_schema_in_both_resources(plane: ControlPlane) -> None:
    one, other = (schema_of(plane, kind) for kind in KINDS)
    for part in ("spec", "spec.restic", "status"):
        fields, others = (field_of(schema, part)["properties"] for schema in (one, other))
        shared = fields.keys() & others.keys() - OF_ITS_OWN
        assert {name: fields[name] for name in shared} == {name: others[name] for name in shared}


OF_ITS_OWN = {"restic", "copyMethod", "capacity", "accessModes", "storageClassName"}
"""What names the source or the destination in its description."""


def explained(plane: ControlPlane) -> str:
    try:
        return " ".join(plane.kubectl("explain", "replicationsource.spec.restic.copyMethod").split())
    except AssertionError:
        return ""


def test_explain_shows_what_a_field_is_and_which_values_it_takes(plane: ControlPlane) -> None:
    # The API server publishes the schema some seconds after it serves the resource.
    wait_until(lambda: "ENUM" in explained(plane), "the schema is published")
    shown = explained(plane)
    assert "ENUM: Clone Snapshot None Direct" in shown
    schema = schema_of(plane, "ReplicationSource")
    assert field_of(schema, "spec.restic.copyMethod")["description"] in shown


def test_the_examples_of_the_user_guide_are_accepted(plane: ControlPlane, namespace: str) -> None:
    applied = plane.kubectl("apply", "-n", namespace, "-f", EXAMPLES)
    assert sorted(line.split(" ")[0] for line in applied.splitlines()) == [
        "persistentvolumeclaim/datavol",
        "replicationdestination.scribe.backube/datavol-dest",
        "replicationsource.scribe.backube/mydata-backup",
        "secret/restic-config",
    ]


def blocks() -> list[str]:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs" / "controller").glob("*.md"))]
    found = [block for page in pages for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)]
    return [block for block in found if block.startswith(("apiVersion", "kind")) and "batch/v1" not in block]


def test_the_resources_in_the_documentation_are_accepted(plane: ControlPlane, namespace: str) -> None:
    assert len(blocks()) >= 3, "the pages of the controller show its resources"
    for block in blocks():
        plane.kubectl("apply", "-n", namespace, "--dry-run=server", "-f", "-", given=block)
