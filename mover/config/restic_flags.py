"""Which words of ``FORGET_OPTIONS`` and ``RESTORE_OPTIONS`` are allowed flags of restic.

Both are restic's own flags, written by the user. Some would name another repository or undo what the mover decides,
and a word that is no flag would be taken for the ID of a snapshot.
"""

import re
from collections.abc import Collection, Sequence

GLOBAL_FLAGS_TAKEN = {
    "--repo",
    "-r",
    "--repository-file",
    "--password-file",
    "-p",
    "--password-command",
    "--insecure-no-password",
    "--help",
    "-h",
}
"""Flags of every restic command that select another repository, or print help."""

WITHOUT_A_VALUE = {
    "--cleanup-cache",
    "--insecure-tls",
    "--no-cache",
    "--no-extra-verify",
    "--quiet",
    "--verbose",
    "--compact",
    "--unsafe-allow-remove-all",
    "--repack-cacheable-only",
    "--repack-small",
    "--repack-uncompressed",
    "--delete",
    "--ownership-by-name",
    "--sparse",
    "--verify",
}
"""The long flags of restic's forget and restore that take no value: a word after one is a snapshot."""

LETTERS_WITHOUT_A_VALUE = "chnqv"
LETTERS = re.compile(f"-([{LETTERS_WITHOUT_A_VALUE}]*[^-]?)")
"""The flags of one letter in a word, of which only the last one may have a value."""


def refused_flags(words: Sequence[str], taken: Collection[str]) -> list[str]:
    """Find the flags among the words that the mover sets itself, or that no operation may be given."""
    return sorted({flag for word in words for flag in _flags_in(word)} & {*taken, *GLOBAL_FLAGS_TAKEN})


def has_arguments(words: Sequence[str]) -> bool:
    """Whether restic would take one of the words for the ID of a snapshot."""
    return any(_is_argument(before, word) for before, word in zip(("", *words), words, strict=False))


def _flags_in(word: str) -> list[str]:
    """The flags in a word, which may carry a value or be several: ``--target=/x``, ``-t/x``, ``-qn``."""
    if word.startswith("--"):
        return [word.split("=", maxsplit=1)[0]]
    letters = LETTERS.match(word)
    return [f"-{letter}" for letter in letters[1]] if letters else []


def _is_argument(before: str, word: str) -> bool:
    """Whether restic would take the word, or what follows it, for the ID of a snapshot."""
    return word == "--" or (not word.startswith("-") and not _wants_a_value(before))


def _wants_a_value(word: str) -> bool:
    """Whether the next word is the value of this flag."""
    if word.startswith("--"):
        return "=" not in word and word not in WITHOUT_A_VALUE
    letters = LETTERS.fullmatch(word)
    return letters is not None and letters[1][-1:] not in LETTERS_WITHOUT_A_VALUE
