"""Classifies the failure of a restic process: an exit code of the mover, and a message with what to do.

restic's exit code decides if it is unambiguous, else its text by the table in ``rules``. Nothing outside this
package decides by restic's text.
"""

import signal

from mover.config.secrets import Redactor
from mover.exit_codes import ExitCode, Failure
from mover.platform import memory_limit
from mover.platform.units import size
from mover.restic.errors.matching import match_rules, quote
from mover.restic.errors.rules import BY_EXIT_CODE, DAMAGE, FINAL
from mover.restic.process_result import ProcessResult


def classify(result: ProcessResult, redact: Redactor) -> Failure | None:
    """Say what the end of a restic process means; ``None`` if it succeeded."""
    if result.exit_code == 0:
        return None
    if result.exit_code == -signal.SIGKILL:
        return _killed(result.peak_rss)
    if result.exit_code in BY_EXIT_CODE:
        code, message = BY_EXIT_CODE[result.exit_code]
        # restic's text adds where the repository is or who locked it, but nothing to a wrong password.
        reason = "" if code is ExitCode.WRONG_PASSWORD else f" ({quote(result.fatal or result.text, redact)})"
        return Failure(code, f"{message}{reason}")
    unknown = f"restic {result.command} failed with exit code {result.exit_code}: {quote(result.text, redact)}"
    return match_rules(FINAL, result.text, redact) or Failure(ExitCode.FAULT, unknown)


def classify_damage(text: str) -> Failure | None:
    """Say which part of the repository is damaged, if an error that restic reported without stopping says so."""
    return match_rules(DAMAGE, text, Redactor())


def classify_backend_failure(text: str) -> Failure | None:
    """Classify an error that restic counted as damage but that is none, such as an outage."""
    return match_rules(tuple(rule for rule in FINAL if rule not in DAMAGE), text, Redactor())


def _killed(peak_rss: int) -> Failure:
    """SIGKILL means OOM: the mover itself kills restic only after it has already stopped it."""
    limit = memory_limit.limit()
    allowed = f"limit {size(limit)}" if limit else "no memory limit set"
    return Failure(
        ExitCode.OUT_OF_MEMORY, f"restic was OOM-killed ({size(peak_rss)} used, {allowed}); raise the memory limit"
    )
