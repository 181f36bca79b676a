"""The types of fields: each knows its OpenAPI schema and how its value is read.

Both in one place, so that the API server and the controller can't disagree on what is valid.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from mover.controller.api.object_reader import CONTROL_CHARACTERS, ObjectReader
from mover.controller.api.schema.cel import Rule, matches
from mover.controller.api.schema.openapi import Schema

Value_co = TypeVar("Value_co", covariant=True)

ONE_LINE = Rule("!" + matches(f"[{CONTROL_CHARACTERS}]"), "must be one line")
NOT_BLANK = r"[^\s]"
LONGEST_NAME = 253
"""Characters of the name of a Kubernetes object (a DNS subdomain)."""
SUBDOMAIN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"


@dataclass(frozen=True)
class Field(ABC, Generic[Value_co]):
    """One field of an object."""

    name: str
    description: str
    """What ``kubectl explain`` shows."""
    rules: tuple[Rule, ...] = field(default=(), kw_only=True)
    required: str = field(default="", kw_only=True)
    """What to do if the field is not set; empty: it is optional."""

    def schema(self) -> Schema:
        """Return the schema of the field."""
        rules = [rule.schema() for rule in (*self.own_rules(), *self.rules)]
        return {
            "description": f"{self.description} Required." if self.required else self.description,
            **self.shape(),
            **({"x-kubernetes-validations": rules} if rules else {}),
        }

    def required_message(self, path: str) -> str:
        """Return the problem of the object at `path` that it lacks this field."""
        return f"{path}.{self.name} is required; {self.required}"

    def own_rules(self) -> tuple[Rule, ...]:
        """Return the rules that follow from the type."""
        return ()

    @abstractmethod
    def shape(self) -> Schema:
        """Return type, format and bounds."""

    @abstractmethod
    def read(self, values: ObjectReader) -> Value_co:
        """Read the field of the object that has it; None, empty or false if it is not set.

        A wrong value is a problem, and reads as if it were not set.
        """


@dataclass(frozen=True)
class Flag(Field[bool]):
    """True or false; false by default."""

    def shape(self) -> Schema:
        return {"type": "boolean"}

    def read(self, values: ObjectReader) -> bool:
        return values.flag(self.name)


@dataclass(frozen=True)
class Count(Field[int | None]):
    """A whole number from 0."""

    most: int

    def shape(self) -> Schema:
        return {"type": "integer", "minimum": 0, "maximum": self.most}

    def read(self, values: ObjectReader) -> int | None:
        return values.number(self.name, self.most)


@dataclass(frozen=True)
class Choice(Field[str | None]):
    """One of a few words."""

    choices: tuple[str, ...]

    def shape(self) -> Schema:
        return {"type": "string", "enum": list(self.choices)}

    def read(self, values: ObjectReader) -> str | None:
        return values.choice(self.name, self.choices)


@dataclass(frozen=True)
class Text(Field[str | None]):
    """A text of one line."""

    longest: int
    """Characters."""
    shortest: int = 0

    def shape(self) -> Schema:
        shortest = {"minLength": self.shortest} if self.shortest else {}
        return {"type": "string", **shortest, "maxLength": self.longest}

    def read(self, values: ObjectReader) -> str | None:
        return values.text(self.name)


@dataclass(frozen=True)
class TextList(Field[tuple[str, ...]]):
    """A list of texts of one line each."""

    longest: int
    """Characters of one text."""
    most: int
    expected: str
    forbidden: str = ""
    """A character that none of the texts may have."""

    def shape(self) -> Schema:
        unwanted = "!" + matches(f"[{self.forbidden}{CONTROL_CHARACTERS}]")
        rule = Rule(f"{matches(NOT_BLANK)} && {unwanted}", f"must be {self.expected}")
        item = {
            "type": "string",
            "minLength": 1,
            "maxLength": self.longest,
            "x-kubernetes-validations": [rule.schema()],
        }
        return {"type": "array", "maxItems": self.most, "items": item}

    def read(self, values: ObjectReader) -> tuple[str, ...]:
        texts = values.texts(self.name)
        if self.forbidden and any(self.forbidden in text for text in texts):
            values.reject(self.name, f"a list, each item {self.expected}")
            return ()
        return texts


@dataclass(frozen=True)
class PodPart(Field[dict[str, Any] | None]):
    """An object that is handed on to Kubernetes as it is, in Kubernetes' own schema."""

    kubernetes_schema: Schema

    def shape(self) -> Schema:
        return self.kubernetes_schema

    def read(self, values: ObjectReader) -> dict[str, Any] | None:
        return values.object(self.name)


@dataclass(frozen=True)
class Section(Field[ObjectReader]):
    """An object with fields of its own."""

    fields: Sequence[Field[object]]
    path: str = field(default="", kw_only=True)
    """Where the object is ("spec.restic"), for the messages about fields that it lacks."""

    def own_rules(self) -> tuple[Rule, ...]:
        """Return a rule for each field that has to be set. OpenAPI's ``required`` would not say what to do."""
        wanted = [inner for inner in self.fields if inner.required]
        return tuple(Rule(f"has(self.{inner.name})", inner.required_message(self.path)) for inner in wanted)

    def shape(self) -> Schema:
        properties = {inner.name: inner.schema() for inner in self.fields}
        return {"type": "object", "properties": properties}

    def read(self, values: ObjectReader) -> ObjectReader:
        """Return the reader of the object inside."""
        return values.section(self.name)


def object_name(name: str, description: str, kind: str, *, required: str = "") -> Text:
    """Return the field that names an object of a kind ("Secret")."""
    rule = Rule(matches(SUBDOMAIN), _must_be_a_name(kind))
    return Text(name, description, LONGEST_NAME, 1, rules=(rule,), required=required)


def class_name(name: str, description: str, kind: str) -> Text:
    """Return the field that names a class ("StorageClass"); empty is a name as well."""
    rule = Rule(f"self == '' || {matches(SUBDOMAIN)}", _must_be_a_name(kind))
    return Text(name, description, LONGEST_NAME, rules=(rule,))


def _must_be_a_name(kind: str) -> str:
    return f"must be the name of a {kind}: lowercase letters, digits, '-' and '.'"
