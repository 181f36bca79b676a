"""Looks up restic's text in a table of rules, and quotes it in a message.

Names of files and URLs are blanked first: they are chosen by users and must not match a rule.
"""

import re

from mover.config.secrets import Redactor
from mover.exit_codes import Failure
from mover.restic.errors.rules import PERMANENT, PLACE, THROTTLED, Rule

MAX_QUOTED_CHARACTERS = 300
"""Length limit of restic's own text in a message."""

RULED_LINE = re.compile(r"-{5,}")
"""A line across, as Azure's library draws them."""


def match_rules(rules: tuple[Rule, ...], text: str, redact: Redactor) -> Failure | None:
    """Find the first rule that fits a line of restic's text; only what is quoted of it is redacted."""
    lines = [(line, PLACE.sub("…", line)) for line in text.splitlines()]
    for rule in rules:
        for line, without_places in lines:
            if _fits(rule, without_places):
                return Failure(rule.code, f"{rule.message} ({quote(line, redact)})")
    return None


def _fits(rule: Rule, line: str) -> bool:
    is_throttled = rule in PERMANENT and THROTTLED.search(line)
    return not is_throttled and rule.pattern.search(line) is not None


def quote(text: str, redact: Redactor) -> str:
    """Put restic's text into one short line without secrets."""
    line = " ".join(RULED_LINE.sub(" ", redact(text)).replace("Fatal: ", "").split()) or "restic gave no reason"
    return line if len(line) <= MAX_QUOTED_CHARACTERS else line[: MAX_QUOTED_CHARACTERS - 1] + "…"
