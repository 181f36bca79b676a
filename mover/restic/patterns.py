"""Paths as restic's patterns: written so that they match that path, and hardly anything else.

restic's patterns are those of Go's ``path/filepath`` (restic manual, "Excluding Files").
"""

import re

SPECIAL = re.compile(r"([\\*?\[\]])")


def literal(path: str) -> str:
    """Write a path as a pattern that matches it and nothing else."""
    return SPECIAL.sub(r"\\\1", path)


def include_line(path: str) -> bytes:
    r"""Write a path as a line of restic's include file that matches it, and hardly anything else.

    Such a line is trimmed, ``$NAME`` in it is expanded, and the rest is a glob. What can't be written in it is left
    to the glob's ``?``: line ends, white space at the end, and bytes that are no UTF-8, which ``ls`` shows as U+FFFD.
    """
    line = re.sub(r"[\n\r\ufffd]", "?", literal(path).replace("$", "$$"))
    kept = line.rstrip()
    return (kept + "?" * (len(line) - len(kept))).encode(errors="replace") + b"\n"
