"""The schemas of both resources, as the API server has them."""

import re
from typing import Any

from integration.controller.control_plane import ControlPlane

Schema = dict[str, Any]


def schema_of(plane: ControlPlane, kind: str) -> Schema:
    """Return the schema of a kind ("ReplicationSource")."""
    crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    found = plane.api.get({**crd, "metadata": {"name": f"{kind.lower()}s.scribe.backube"}})
    schema: Schema = found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def field_of(schema: Schema, path: str) -> Schema:
    """Return the schema of a field: "spec.restic.tags[0]"."""
    for name in re.findall(r"[^.\[\]]+", path):
        schema = schema["items"] if name.isdigit() else schema.get("properties", {}).get(name, {})
    return schema


def messages_of(field: Schema, rule: str = "") -> list[str]:
    """Return the messages of the rules of a field that have `rule` in their expressions, or as the whole of it."""
    rules = field.get("x-kubernetes-validations", [])
    whole = [known["message"] for known in rules if known["rule"] == rule]
    return whole or [known["message"] for known in rules if rule in known["rule"]]
