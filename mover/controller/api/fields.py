"""Reading fields of a resource that may hold anything, collecting every problem instead of stopping at the first.

A resource may be stored under an older schema, or have been written past it: a wrong field is a sentence, never a
crash, and reads as if it were not there.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from mover.controller.api.quantity import read_bytes
from mover.platform.clock import read_time

LONGEST_SHOWN = 60
LONGEST_TEXT = 4096
"""Characters: everything ends up in an environment or a name."""

CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
"""What no text of one line has in it; some of it would end a line of the mover's settings."""


class Fields:
    """The fields of one object; ``path`` is where it is, for the sentences."""

    def __init__(self, values: object, path: str, problems: list[str]) -> None:
        self.path = path
        self.problems = problems
        self.values: dict[str, Any] = values if isinstance(values, dict) else {}
        if values is not None and not isinstance(values, dict):
            self.problems.append(f"{path} is {_shown(values)}: it should be an object")

    def complain(self, name: str, expected: str) -> None:
        """Note that a field is wrong, showing what was given."""
        self.problems.append(f"{self.path}.{name} is {_shown(self.values.get(name))}: it should be {expected}")

    def has(self, name: str) -> bool:
        """Whether the field is set to something."""
        return self.values.get(name) is not None

    def section(self, name: str) -> "Fields":
        """Return the fields of an object inside."""
        return Fields(self.values.get(name), f"{self.path}.{name}", self.problems)

    def sections(self, name: str) -> list["Fields"]:
        """Return the fields of each object in a list."""
        found = self._list(name)
        return [Fields(item, f"{self.path}.{name}[{i}]", self.problems) for i, item in enumerate(found)]

    def text(self, name: str) -> str | None:
        """Read a text; None where there is none, which an empty one may mean as well."""
        value = self.values.get(name)
        if value is None or _is_text(value):
            return value
        self.complain(name, "a text of one line" if isinstance(value, str) else "a text")
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of texts."""
        found = self._list(name)
        if all(_is_text(item) and item.strip() for item in found):
            return tuple(found)
        self.complain(name, "a list of texts of one line each")
        return ()

    def flag(self, name: str) -> bool:
        """Read true or false; false where there is neither."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.complain(name, "true or false")
        return False

    def number(self, name: str, most: int) -> int | None:
        """Read a whole number from 0 to ``most``."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
            return value
        self.complain(name, f"a whole number from 0 to {most}")
        return None

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """Read one of a few words."""
        value = self.values.get(name)
        if value is None or value in choices:
            return value
        self.complain(name, f"one of {', '.join(choices)}")
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
        self.complain(name, "a size such as 1Gi")
        return None

    def time(self, name: str) -> str | None:
        """Read an RFC 3339 time; it stays a text."""
        text = self.text(name)
        try:
            if text:
                read_time(text)
        except (ValueError, OverflowError):
            self.complain(name, "an RFC 3339 time with its zone, such as 2026-01-31T12:00:00Z")
            return None
        return text or None

    def object(self, name: str) -> dict[str, Any] | None:
        """Read an object that is handed on to Kubernetes as it is, which knows best whether it is right."""
        return self.section(name).values if self.has(name) else None

    def _list(self, name: str) -> list[Any]:
        value = self.values.get(name)
        if value is None or isinstance(value, list):
            return value or []
        self.complain(name, "a list")
        return []


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and not CONTROL.search(value)


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
