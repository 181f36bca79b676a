"""Reading single variables of the environment, collecting every problem instead of stopping at the first."""

import re
import shlex
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from mover.config.secrets import Redactor
from mover.platform.clock import read_time

LONGEST_SHOWN = 60
"""Characters of a wrong value that are shown."""

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST_DURATION = 30 * 86400.0
DURATION = re.compile(r"(\d{1,9})([smhd])")

GLOBAL_FLAGS_TAKEN = {
    *("--repo", "-r", "--repository-file", "--password-file", "-p", "--password-command", "--insecure-no-password"),
    *("--help", "-h"),
}
"""Flags of every restic command that name another repository, or that have it do nothing."""

WITHOUT_A_VALUE = {
    *("--cleanup-cache", "--insecure-tls", "--no-cache", "--no-extra-verify", "--quiet", "--verbose"),
    *("--compact", "--unsafe-allow-remove-all", "--repack-cacheable-only", "--repack-small", "--repack-uncompressed"),
    *("--delete", "--ownership-by-name", "--sparse", "--verify"),
}
"""The long flags of restic's forget and restore that take no value: a word after one is a snapshot."""

LETTERS_WITHOUT_A_VALUE = "chnqv"
LETTERS = re.compile(f"-([{LETTERS_WITHOUT_A_VALUE}]*[^-]?)")
"""The flags of one letter in a word, of which only the last one may have a value."""

Choice = TypeVar("Choice", bound=StrEnum)


class Reader:
    """Typed access to the environment. An empty value is an unset one."""

    def __init__(self, environment: Mapping[str, str], redact: Redactor | None = None) -> None:
        self.environment = {name: value for name, value in environment.items() if value.strip()}
        self.redact = redact or Redactor()
        self.problems: list[str] = []

    def complain(self, name: str, expected: str) -> None:
        """Note that a variable is wrong, showing what was given."""
        given = self.redact(self.environment.get(name, ""))
        shown = given if len(given) <= LONGEST_SHOWN else given[:LONGEST_SHOWN] + "…"
        self.problems.append(f"{name} is {shown!r}: it should be {expected}")

    def object(self, sentence: str) -> None:
        """Note a problem whose value must not be shown, or that is of several variables."""
        self.problems.append(sentence)

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
            self.complain(name, "restic flags with matching quotes")
            return ()

    def flags(self, name: str, taken: Collection[str], example: str) -> tuple[str, ...]:
        """Read restic flags, but none of those the mover sets itself, and no name of a snapshot beside them."""
        words = self.words(name)
        refused = sorted({flag for word in words for flag in _flags_in(word)} & {*taken, *GLOBAL_FLAGS_TAKEN})
        if refused:
            self.complain(name, f"without {', '.join(refused)}, which the mover decides")
        if any(_is_argument(before, word) for before, word in zip(("", *words), words, strict=False)):
            self.complain(name, f"flags such as {example}, without names of snapshots")
        return words

    def number(self, name: str, default: int | None, least: int, most: int) -> int | None:
        """Read a whole number between ``least`` and ``most``."""
        if not self.has(name):
            return default
        text = self.text(name).strip()
        if re.fullmatch(r"\d{1,9}", text, re.ASCII) and least <= int(text) <= most:
            return int(text)
        self.complain(name, f"a whole number from {least} to {most}")
        return default

    def seconds(self, name: str, default: float) -> float:
        """Read a duration such as ``90s``, ``10m`` or ``1h30m``; a bare number is seconds."""
        if not self.has(name):
            return default
        text = self.text(name).strip()
        text = f"{text}s" if re.fullmatch(r"\d{1,9}", text, re.ASCII) else text
        if re.fullmatch(f"({DURATION.pattern})+", text, re.ASCII):
            total = float(sum(int(n) * SECONDS[unit] for n, unit in DURATION.findall(text)))
            if total <= LONGEST_DURATION:
                return total
        self.complain(name, "a duration such as 90s, 10m or 1h30m, of at most 30 days")
        return default

    def flag(self, name: str, *, default: bool) -> bool:
        """Read a yes or no."""
        if not self.has(name):
            return default
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        text = self.text(name).strip().lower()
        if text not in known:
            self.complain(name, "true or false")
        return known.get(text, default)

    def choice(self, name: str, default: Choice) -> Choice:
        """Read one word of a fixed set."""
        kind = type(default)
        text = self.text(name, default).strip().lower()
        if text in set(kind):
            return kind(text)
        self.complain(name, _either(kind))
        return default

    def time(self, name: str) -> datetime | None:
        """Read an RFC 3339 time."""
        if not self.has(name):
            return None
        try:
            return read_time(self.text(name).strip())
        except (ValueError, OverflowError):
            self.complain(name, "an RFC 3339 time with its zone, such as 2026-01-31T12:00:00Z")
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
            self.complain(name, f"the path of a readable file ({error.strerror})")
            return None

    def content(self, name: str, most: int) -> str | None:
        """Read the first ``most`` bytes of a file that must be readable; once, as it may be a pipe."""
        try:
            with self.path(name, "").open("rb") as file:
                return file.read(most).decode(errors="replace")
        except OSError as error:
            self.complain(name, f"the path of a readable file ({error.strerror})")
            return None


def _flags_in(word: str) -> list[str]:
    """The flags in a word, which may carry a value or be several: ``--target=/x``, ``-t/x``, ``-qn``."""
    if word.startswith("--"):
        return [word.split("=", maxsplit=1)[0]]
    letters = LETTERS.match(word)
    return [f"-{letter}" for letter in letters[1]] if letters else []


def _is_argument(before: str, word: str) -> bool:
    """Whether restic would take the word for the id of a snapshot, or what follows it for such."""
    return word == "--" or (not word.startswith("-") and not _wants_a_value(before))


def _wants_a_value(word: str) -> bool:
    """Whether the next word is the value of this flag."""
    if word.startswith("--"):
        return "=" not in word and word not in WITHOUT_A_VALUE
    letters = LETTERS.fullmatch(word)
    return letters is not None and letters[1][-1:] not in LETTERS_WITHOUT_A_VALUE


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}"
