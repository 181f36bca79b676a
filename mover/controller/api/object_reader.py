"""Reads fields of a resource that may hold anything, and collects every problem instead of stopping at the first.

A resource may be stored under an older schema, or have been written past it: a wrong field is a problem, never a
crash, and reads as if it were not there.
"""

import re
from collections.abc import Sequence
from typing import Any

from mover.config.field_reader import FieldReader
from mover.controller.api.quantity import read_bytes
from mover.controller.api.timestamps import parse_time
from mover.platform.clock import EXPECTED_TIME

LONGEST_TEXT = 4096
"""Characters: everything ends up in an environment or a name."""

CONTROL_CHARACTERS = r"\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029"
"""What no text of one line has in it, in a regular expression; some of it would end a line of the mover's settings."""
CONTROL = re.compile(f"[{CONTROL_CHARACTERS}]")


class ObjectReader(FieldReader):
    """Reads the fields of one object; ``path`` ("spec.restic") is where it is, for the messages."""

    def __init__(self, values: object, path: str, problems: list[str]) -> None:
        super().__init__(problems=problems)
        self.path = path
        self.values: dict[str, Any] = values if isinstance(values, dict) else {}
        if values is not None and not isinstance(values, dict):
            self.invalid(path, values, "an object")

    def reject(self, name: str, expected: str) -> None:
        """Note that a field has a wrong value, showing it; ``expected`` completes "must be"."""
        self.invalid(f"{self.path}.{name}", self.values.get(name), expected)

    def has(self, name: str) -> bool:
        """Whether the field is set to something."""
        return self.values.get(name) is not None

    def section(self, name: str) -> "ObjectReader":
        """Return the reader of an object inside."""
        return ObjectReader(self.values.get(name), f"{self.path}.{name}", self.problems)

    def sections(self, name: str) -> list["ObjectReader"]:
        """Return a reader of each object in a list."""
        found = self._list(name)
        return [ObjectReader(item, f"{self.path}.{name}[{i}]", self.problems) for i, item in enumerate(found)]

    def text(self, name: str) -> str | None:
        """Read a text; None if there is none, which an empty one may mean as well."""
        value = self.values.get(name)
        if value is None or _is_text(value):
            return value
        self.reject(name, "a string of one line" if isinstance(value, str) else "a string")
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of texts."""
        found = self._list(name)
        if all(_is_text(item) and item.strip() for item in found):
            return tuple(found)
        self.reject(name, "a list of strings of one line each")
        return ()

    def flag(self, name: str) -> bool:
        """Read true or false; false if there is neither."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.reject(name, "true or false")
        return False

    def number(self, name: str, most: int, *, may_be_text: bool = False) -> int | None:
        """Read a whole number from 0 to ``most``."""
        value = self.values.get(name)
        if may_be_text and isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
            value = int(value)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
            return value
        self.reject(name, f"a whole number between 0 and {most}")
        return None

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """Read one of a few words."""
        value = self.values.get(name)
        if value is None or value in choices:
            return value
        self.reject(name, f"one of {', '.join(choices)}")
        return None

    def quantity(self, name: str) -> str | None:
        """Read an amount of bytes, as Kubernetes writes it; it stays a text."""
        value = self.values.get(name)
        if value is None:
            return None
        text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        try:
            if read_bytes(text) > 0:
                return text
        except ValueError:
            pass
        self.reject(name, "a size above zero, such as 10Gi")
        return None

    def time(self, name: str) -> str | None:
        """Read an RFC 3339 time; it stays a text."""
        text = self.text(name)
        if text and parse_time(text) is None:
            self.reject(name, EXPECTED_TIME)
            return None
        return text or None

    def object(self, name: str) -> dict[str, Any] | None:
        """Read an object that is handed on to Kubernetes as it is, which knows best whether it is right."""
        return self.section(name).values if self.has(name) else None

    def _list(self, name: str) -> list[Any]:
        value = self.values.get(name)
        if value is None or isinstance(value, list):
            return value or []
        self.reject(name, "a list")
        return []


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and not CONTROL.search(value)
