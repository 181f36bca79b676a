"""Reads single variables of the environment by their type.

An invalid variable is recorded as a problem and reads as its default, so that the remaining ones are checked as well.
"""

import re
import shlex
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from mover.config.field_reader import FieldReader
from mover.config.restic_flags import has_arguments, refused_flags
from mover.config.secrets import Redactor
from mover.platform.clock import EXPECTED_TIME, read_time

UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST_DURATION_SECONDS = 30 * 86400.0
DURATION = re.compile(r"(\d{1,9})([smhd])")

BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

Choice = TypeVar("Choice", bound=StrEnum)


class EnvironmentReader(FieldReader):
    """Typed access to the environment. An empty value is an unset one."""

    redact: Redactor

    def __init__(self, environment: Mapping[str, str], redact: Redactor | None = None) -> None:
        super().__init__(redact or Redactor())
        self.environment = {name: value for name, value in environment.items() if value.strip()}

    def reject(self, name: str, expected: str) -> None:
        """Note that a variable has a wrong value, showing it; ``expected`` completes "must be"."""
        self.invalid(name, self.environment.get(name, ""), expected)

    def has(self, name: str) -> bool:
        """Whether the variable is set to something."""
        return name in self.environment

    def text(self, name: str, default: str = "") -> str:
        """Read a value as it is."""
        return self.environment.get(name, default)

    def lines(self, name: str) -> tuple[str, ...]:
        """Read one value a line; blank lines are left out."""
        return tuple(line.strip() for line in self.text(name).splitlines() if line.strip())

    def words(self, name: str) -> tuple[str, ...]:
        """Read words as a shell would split them; nothing is expanded."""
        try:
            return tuple(shlex.split(self.text(name)))
        except ValueError:
            self.reject(name, "restic flags with matching quotes")
            return ()

    def flags(self, name: str, taken: Collection[str], example: str) -> tuple[str, ...]:
        """Read restic flags, but none of those the mover sets itself, and no ID of a snapshot beside them."""
        words = self.words(name)
        refused = refused_flags(words, taken)
        if refused:
            self.reject(name, f"flags other than {', '.join(refused)}, which the mover sets itself")
        if has_arguments(words):
            self.reject(name, f"flags such as {example}, without snapshot IDs")
        return words

    def number(self, name: str, default: int | None, least: int, most: int) -> int | None:
        """Read a whole number between ``least`` and ``most``."""
        if not self.has(name):
            return default
        text = self.text(name).strip()
        if re.fullmatch(r"\d{1,9}", text, re.ASCII) and least <= int(text) <= most:
            return int(text)
        self.reject(name, f"a whole number between {least} and {most}")
        return default

    def seconds(self, name: str, default: float) -> float:
        """Read a duration such as ``90s``, ``10m`` or ``1h30m``; a bare number is seconds."""
        if not self.has(name):
            return default
        text = self.text(name).strip()
        text = f"{text}s" if re.fullmatch(r"\d{1,9}", text, re.ASCII) else text
        if re.fullmatch(f"({DURATION.pattern})+", text, re.ASCII):
            total = float(sum(int(n) * UNIT_SECONDS[unit] for n, unit in DURATION.findall(text)))
            if total <= LONGEST_DURATION_SECONDS:
                return total
        self.reject(name, "a duration of up to 30 days, such as 90s, 10m or 1h30m")
        return default

    def boolean(self, name: str, *, default: bool) -> bool:
        """Read a yes or no."""
        if not self.has(name):
            return default
        text = self.text(name).strip().lower()
        if text not in BOOLEANS:
            self.reject(name, "true or false")
        return BOOLEANS.get(text, default)

    def choice(self, name: str, default: Choice) -> Choice:
        """Read one word of a fixed set."""
        kind = type(default)
        text = self.text(name, default).strip().lower()
        if text in set(kind):
            return kind(text)
        self.reject(name, _either(kind))
        return default

    def time(self, name: str) -> datetime | None:
        """Read an RFC 3339 time."""
        if not self.has(name):
            return None
        try:
            return read_time(self.text(name).strip())
        except (ValueError, OverflowError):
            self.reject(name, EXPECTED_TIME)
            return None

    def path(self, name: str, default: str) -> Path:
        """Read a path, made absolute. A line end is no part of it: a Secret's value often has one."""
        return Path(self.text(name, default).strip()).absolute()

    def file(self, name: str) -> Path | None:
        """Read the path of a file that must exist and be readable."""
        if not self.has(name):
            return None
        path = self.path(name, "")
        try:
            with path.open("rb"):
                return path
        except OSError as error:
            self._unreadable(name, error)
            return None

    def content(self, name: str, most: int) -> str | None:
        """Read the first ``most`` bytes of a file that must be readable; once, as it may be a pipe."""
        try:
            with self.path(name, "").open("rb") as file:
                return file.read(most).decode(errors="replace")
        except OSError as error:
            self._unreadable(name, error)
            return None

    def _unreadable(self, name: str, error: OSError) -> None:
        self.reject(name, f"the path of a readable file ({(error.strerror or 'it cannot be read').lower()})")


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}"
