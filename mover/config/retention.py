"""The retention policy: which settings become which ``restic forget`` flags."""

import re
from typing import NamedTuple

from mover.config.environment_reader import EnvironmentReader

COUNTS = ("last", "hourly", "daily", "weekly", "monthly", "yearly")
MOST_KEPT = 1_000_000
WITHIN = re.compile(r"(\d{1,6}[ymdh])+")
"""restic's own durations: years, months, days, hours (restic manual, "Removing snapshots")."""
EXPECTED_WITHIN = "a duration of years, months, days and hours, such as 1y6m15d12h"

FLAGS_TAKEN = {
    "--prune",
    "--dry-run",
    "-n",
    "--json",
    "--no-lock",
    "--host",
    "--path",
    "--group-by",
    "-g",
}


class Retention(NamedTuple):
    """A retention policy as the flags of ``restic forget``."""

    flags: tuple[str, ...]


def read_retention(reader: EnvironmentReader) -> Retention | None:
    """Read the policy from ``RETAIN_*`` or ``FORGET_OPTIONS``; ``None`` if nothing is to be forgotten."""
    kept = {name: reader.number(f"RETAIN_{name.upper()}", None, 0, MOST_KEPT) for name in COUNTS}
    counts = {name: count for name, count in kept.items() if count is not None}
    within = _within(reader)
    options = reader.flags("FORGET_OPTIONS", FLAGS_TAKEN, "--keep-daily 7")
    if options and (counts or within):
        reader.problem("FORGET_OPTIONS: set together with RETAIN_*; set only one of them")
    if options:
        return Retention(options)
    if not counts and not within:
        return None
    if not any(counts.values()) and not within:
        names = ", ".join(f"RETAIN_{name.upper()}" for name in counts)
        reader.problem(f"{names}: all are 0, which would forget every snapshot; at least one must be 1 or more")
    flags = [f"--keep-{name}={count}" for name, count in counts.items()]
    return Retention((*flags, *([f"--keep-within={within}"] if within else [])))


def is_within(text: str) -> bool:
    """Whether it is a duration for ``--keep-within``. One of zero would forget every snapshot."""
    return bool(WITHIN.fullmatch(text)) and any(digit in text for digit in "123456789")


def _within(reader: EnvironmentReader) -> str:
    text = reader.text("RETAIN_WITHIN").strip()
    if not text or is_within(text):
        return text
    reader.reject("RETAIN_WITHIN", EXPECTED_WITHIN)
    return ""
