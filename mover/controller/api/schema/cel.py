"""Validation rules in CEL, the expression language of CustomResourceDefinitions.

Rules replace patterns and bounds whose messages would not help users. Regular expressions are written as Python has
them and translated to RE2, which the API server uses, so that the controller can share them.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A rule on a field, ``self`` in the expression, and the message for what breaks it."""

    expression: str
    message: str

    def schema(self) -> dict[str, str]:
        """Return the rule as an item of ``x-kubernetes-validations``."""
        return {"rule": self.expression, "message": self.message}


def matches(*pattern: str) -> str:
    """Return the expression that is true if a Python pattern is found in the field.

    The parts of a long pattern become texts of their own, so that each can stand on a line of its own.
    """
    return f"self.matches({' + '.join(quoted(re2(part)) for part in pattern)})"


def re2(pattern: str) -> str:
    """Return a Python pattern in the syntax of RE2: code points in braces, digits and blanks beyond ASCII by class."""
    pattern = re.sub(r"\\u([0-9a-f]{4})|\\x([89a-f][0-9a-f])", lambda found: rf"\x{{{found[1] or found[2]}}}", pattern)
    return pattern.replace(r"\d", "[0-9]")


def quoted(text: str) -> str:
    """Return a text as a string literal of CEL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
