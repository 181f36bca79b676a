"""What the readers of settings and of custom resources share: every problem is collected, none ends the reading.

All problems are reported together. A problem is one line of the shape ``NAME: what is
wrong; what is expected``, with the wrong value in it, shortened and without secrets. Where the values come from, and
which types they have, is for the readers that derive from this one: ``EnvironmentReader`` for the environment,
``ObjectReader`` in the controller for the spec of a resource.
"""

import json
from collections.abc import Callable

LONGEST_SHOWN = 60
"""Characters of a wrong value that are shown, or of a wrong word of the command line."""


class FieldReader:
    """Collects what is wrong with fields that may hold anything."""

    def __init__(self, redact: Callable[[str], str] = str, problems: list[str] | None = None) -> None:
        self.redact = redact
        """Takes the secrets out of a value before it is shown."""
        self.problems: list[str] = [] if problems is None else problems
        """One message for each; a reader of a part of the whole adds to the list of the whole."""

    def invalid(self, name: str, value: object, expected: str) -> None:
        """Note that a field has a wrong value, showing it; ``expected`` completes "must be"."""
        self.problem(f"{name}: invalid value {self.shown(value)}: must be {expected}")

    def problem(self, message: str) -> None:
        """Note a problem whose value must not be shown, or that is of several fields."""
        self.problems.append(message)

    def shown(self, value: object) -> str:
        """Write a value as it is shown: a text in quotes, anything else as JSON, and neither at full length."""
        text = self.redact(value if isinstance(value, str) else json.dumps(value))
        text = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
        return repr(text) if isinstance(value, str) else text
