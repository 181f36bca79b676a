"""Building blocks of schemas in OpenAPI 3, as CustomResourceDefinitions have them."""

from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

STRING: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "format": "date-time"}
INT32: Schema = {"type": "integer", "format": "int32"}
INT64: Schema = {"type": "integer", "format": "int64"}


def described(description: str, schema: Schema) -> Schema:
    """Return a schema with its description, which ``kubectl explain`` shows, before all else."""
    return {"description": description, **schema}


def boolean(description: str) -> Schema:
    """Return the schema of a flag."""
    return described(description, {"type": "boolean"})


def enum(*words: str) -> Schema:
    """Return the schema of a text that is one of a few words."""
    return {**STRING, "enum": list(words)}


def record(properties: Schema, required: tuple[str, ...] = (), *, is_atomic: bool = False) -> Schema:
    """Return the schema of an object; server-side apply replaces an atomic one as a whole."""
    return {
        "type": "object",
        **({"x-kubernetes-map-type": "atomic"} if is_atomic else {}),
        **({"required": list(required)} if required else {}),
        "properties": properties,
    }


def map_of(values: Schema) -> Schema:
    """Return the schema of an object whose fields have any name."""
    return {"type": "object", "additionalProperties": values}


def array(items: Schema) -> Schema:
    """Return the schema of a list that server-side apply replaces as a whole."""
    return {"type": "array", "x-kubernetes-list-type": "atomic", "items": items}
