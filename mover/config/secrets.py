"""Values that must never be shown, and their redaction in text that restic or a server wrote."""

from collections.abc import Iterable
from typing import final

SHOWN = "***"

MIN_REDACTED_CHARACTERS = 4
"""Shorter values occur in ordinary text and are not redacted."""


@final
class Secret:
    """A value that shows as ``***`` however it is printed, formatted or logged."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself: for the environment of the restic process, and nothing else."""
        return self._value

    def __repr__(self) -> str:
        return SHOWN

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class Redactor:
    """Replaces every known secret in a text with ``***``."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        lines = {line.strip() for secret in secrets for line in [secret, *secret.splitlines()]}
        # The longest first: a password that contains another one must not leave its rest behind.
        self._secrets = sorted((s for s in lines if len(s) >= MIN_REDACTED_CHARACTERS), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text without the secrets in it."""
        for secret in self._secrets:
            text = text.replace(secret, SHOWN)
        return text
