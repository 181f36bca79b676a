"""The retention policy: which settings become which ``restic forget`` flags."""

import re
from dataclasses import dataclass

from mover.config.field_reader import Reader

COUNTS = ("last", "hourly", "daily", "weekly", "monthly", "yearly")
MOST_KEPT = 1_000_000
WITHIN = re.compile(r"(\d{1,6}[ymdh])+")
"""restic's own durations: years, months, days, hours (restic manual, «Removing snapshots»)."""

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


@dataclass(frozen=True)
class Retention:
    """A retention policy as the flags of ``restic forget``."""

    flags: tuple[str, ...]


def read_retention(reader: Reader) -> Retention | None:
    """Read the policy from ``RETAIN_*`` or ``FORGET_OPTIONS``; ``None`` where nothing shall be forgotten."""
    kept = {name: reader.number(f"RETAIN_{name.upper()}", None, 0, MOST_KEPT) for name in COUNTS}
    counts = {name: count for name, count in kept.items() if count is not None}
    within = _within(reader)
    options = reader.flags("FORGET_OPTIONS", FLAGS_TAKEN, "--keep-daily 7")
    if options and (counts or within):
        reader.object("FORGET_OPTIONS and RETAIN_* are both set: set only one of them")
    if options:
        return Retention(options)
    if not counts and not within:
        return None
    if not any(counts.values()) and not within:
        names = ", ".join(f"RETAIN_{name.upper()}" for name in counts)
        reader.object(f"{names}: all zero would forget every snapshot; at least one should be 1 or more")
    flags = [f"--keep-{name}={count}" for name, count in counts.items()]
    return Retention((*flags, *([f"--keep-within={within}"] if within else [])))


def _within(reader: Reader) -> str:
    text = reader.text("RETAIN_WITHIN").strip()
    if not text:
        return ""
    if WITHIN.fullmatch(text) and any(digit in text for digit in "123456789"):
        return text
    reader.complain("RETAIN_WITHIN", "a duration of years, months, days and hours, such as 1y6m15d12h")
    return ""
