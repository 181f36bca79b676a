"""The CustomResourceDefinitions of both resources: names, printer columns and schema."""

from dataclasses import dataclass
from typing import Any

from mover.controller.api.resource_kind import DESTINATION, SOURCE
from mover.controller.api.schema import destination_fields, source_fields
from mover.controller.api.schema.field_types import Section
from mover.controller.api.schema.openapi import STRING, Schema, described
from mover.controller.api.schema.status_fields import DESTINATION_STATUS, SOURCE_STATUS
from mover.controller.kube.kinds import Kind

SYNCHRONIZING = '.status.conditions[?(@.type=="Synchronizing")]'


def _column(name: str, path: str, description: str, **more: object) -> dict[str, Any]:
    """Return a column of ``kubectl get``; one of priority 1 shows with ``-o wide`` only."""
    return {"name": name, "type": "string", **more, "jsonPath": path, "description": description}


SOURCE_COLUMN = _column("Source", ".spec.sourcePVC", "Volume that is backed up.")
COLUMNS = [
    _column("State", f"{SYNCHRONIZING}.reason", "State of the resource, or what it waits for."),
    _column("Last sync", ".status.lastSyncTime", "Time when the last successful sync ended.", format="date-time"),
    _column("Duration", ".status.lastSyncDuration", "Duration of the last successful sync."),
    _column("Next sync", ".status.nextSyncTime", "Time when the schedule starts the next sync.", format="date-time"),
    _column("Message", f"{SYNCHRONIZING}.message", "Details of the state.", priority=1),
]
IMAGE_COLUMN = _column("Image", ".status.latestImage.name", "Object that holds the restored data.", priority=1)


@dataclass(frozen=True)
class Definition:
    """What makes one CustomResourceDefinition."""

    kind: Kind
    description: str
    spec: Section
    status: Schema
    columns: tuple[dict[str, Any], ...]

    def manifest(self) -> dict[str, Any]:
        """Return the CustomResourceDefinition, in the order in which it is written."""
        group, version = self.kind.api_version.split("/")
        names = {
            "kind": self.kind.name,
            "listKind": f"{self.kind.name}List",
            "plural": self.kind.plural,
            "singular": self.kind.name.lower(),
        }
        served = {
            "name": version,
            "served": True,
            "storage": True,
            "subresources": {"status": {}},
            "additionalPrinterColumns": list(self.columns),
            "schema": {"openAPIV3Schema": self._schema()},
        }
        return {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{self.kind.plural}.{group}"},
            "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [served]},
        }

    def _schema(self) -> Schema:
        properties = {
            "apiVersion": described(self.kind.api_version, STRING),
            "kind": described(self.kind.name, STRING),
            "metadata": {"type": "object"},
            "spec": self.spec.schema(),
            "status": self.status,
        }
        return {"description": self.description, "type": "object", "required": ["spec"], "properties": properties}


DEFINITIONS = (
    Definition(
        SOURCE,
        "ReplicationSource backs up a volume with restic, whenever its trigger starts a sync.",
        source_fields.SPEC,
        SOURCE_STATUS,
        (SOURCE_COLUMN, *COLUMNS),
    ),
    Definition(
        DESTINATION,
        "ReplicationDestination restores a volume from a restic repository, whenever its trigger starts a sync.",
        destination_fields.SPEC,
        DESTINATION_STATUS,
        (*COLUMNS, IMAGE_COLUMN),
    ),
)
