"""What restic's failures mean: exit codes and messages become a failure with a code and a sentence.

restic retries nearly every error of a backend for 15 minutes, also those that no retry can mend. So its
words are judged as they come: ``RetryWatch`` has restic stopped at once where the error is permanent, and
after ``RETRY_TIMEOUT`` where it may pass.
"""

import logging
import re
import signal

from mover.config.secrets import Redactor
from mover.exit_codes import ExitCode, Failure
from mover.platform import memory_limit
from mover.platform.clock import Clock
from mover.platform.units import size
from mover.restic.errors.rules import BY_EXIT_CODE, DAMAGE, FINAL, NO_S3, PERMANENT, PLACE, THROTTLED, Rule
from mover.restic.messages import Message, Text
from mover.restic.process import ProcessResult

log = logging.getLogger(__name__)

RETRYING = re.compile(r"(?P<operation>.*?) returned error, retrying after [^:]*: (?P<reason>.*)")
RECOVERED = re.compile(r"(?P<operation>.*?) operation successful after \d+ retries")

CAUSE = re.compile(r"(rclone: )?(RESPONSE \d+: |ERROR CODE: |Response: \{.)|rclone: .* request error: ")
"""How a line begins that says more about an error: those of Azure's and Google's libraries go on in lines of their own,
and of an error of rclone's restic hears no more than that there was one."""
ERROR_CODE = "ERROR CODE: "
"""Azure's second line on an error."""
RULED = re.compile(r"-{5,}")
"""A line across, as Azure's library draws them."""

LONGEST_REASON = 300
"""Characters of restic's own words in a sentence."""


class RetryWatch:
    """Listens to restic's retries and decides when they are of no use."""

    def __init__(self, retry_timeout: float, clock: Clock, redact: Redactor) -> None:
        self._retry_timeout = retry_timeout
        self._clock = clock
        self._redact = redact
        self._failing: dict[str, float] = {}
        """Since when, for each request that has not succeeded yet."""
        self._retried = ""
        self._causes: list[str] = []
        """What was said in lines of its own about the last error."""
        self.failure: Failure | None = None

    @property
    def failing_since(self) -> float | None:
        """When the oldest request that still fails did so first, on the monotonic clock."""
        return min(self._failing.values(), default=None)

    def handle(self, message: Message) -> None:
        """Take notice of a retry, of why it came to that, or of its end."""
        if not isinstance(message, Text) or self.failure:
            return
        if recovered := RECOVERED.match(message.line):
            self._failing.pop(recovered["operation"], None)
            self._causes.clear()
        elif retrying := RETRYING.match(message.line):
            self._retried = retrying["reason"]
            self.failure = _judge(PERMANENT, self._retried, self._redact)
            if not self._failing and not self.failure:
                reason = _short(self._redact(self._reason))
                log.warning("A request failed, trying again for up to %.0f s (%s).", self._retry_timeout, reason)
            self._failing.setdefault(retrying["operation"], self._clock.monotonic())
        elif CAUSE.match(message.line):
            cause = message.line.partition(" request error: ")[2] or message.line
            self._causes = [*(self._causes[:1] if ERROR_CODE in cause else []), cause]
            self.failure = _judge(PERMANENT, message.line, self._redact)

    @property
    def _reason(self) -> str:
        return " ".join([self._retried, *self._causes])

    def wants_it_stopped(self) -> bool:
        """Whether the error is permanent, or has lasted as long as the retry timeout."""
        since = self.failing_since
        if self.failure is None and since is not None:
            lasted = self._clock.monotonic() - since
            if lasted >= self._retry_timeout:
                what = NO_S3.sentence if NO_S3.pattern.search(self._reason) else "The backend could not be reached"
                reason = _short(self._redact(self._reason))
                self.failure = Failure(ExitCode.UNREACHABLE, f"{what}, for {lasted:.0f} s now ({reason}).")
        return self.failure is not None


def classify(ended: ProcessResult, redact: Redactor) -> Failure | None:
    """Say what the end of a restic process means; ``None`` where all went well."""
    if ended.exit_code == 0:
        return None
    if ended.exit_code == -signal.SIGKILL:
        return _killed(ended.peak_rss)
    if ended.exit_code in BY_EXIT_CODE:
        code, sentence = BY_EXIT_CODE[ended.exit_code]
        # restic's words add where the repository is or who locked it, but nothing to a wrong password.
        reason = "" if code is ExitCode.WRONG_PASSWORD else f" ({_short(redact(ended.fatal or ended.text))})"
        return Failure(code, f"{sentence}{reason}.")
    found = _judge(FINAL, ended.text, redact)
    words = _short(redact(ended.text))
    return found or Failure(ExitCode.FAULT, f"restic {ended.command} ended with exit code {ended.exit_code} ({words}).")


def damage(words: str) -> Failure | None:
    """Say which part of the repository is damaged, if these words of an answer speak of that."""
    return _judge(DAMAGE, words, Redactor())


def _killed(peak_rss: int) -> Failure:
    allowed = memory_limit.limit()
    limit = f"the memory limit is {size(allowed)}" if allowed else "no memory limit is set"
    return Failure(
        ExitCode.OUT_OF_MEMORY,
        f"restic was killed, most likely for want of memory: it had {size(peak_rss)}, {limit}; give it more.",
    )


def not_damage(words: str) -> Failure | None:
    """Say what else than damage an error means that restic only counted, such as an outage it gave up on."""
    return _judge(tuple(rule for rule in FINAL if rule not in DAMAGE), words, Redactor())


def _judge(rules: tuple[Rule, ...], words: str, redact: Redactor) -> Failure | None:
    """Find the first rule that fits a line of restic's words; only what is shown of them is redacted."""
    lines = [(line, PLACE.sub("…", line)) for line in words.splitlines()]
    for rule in rules:
        for line, without_places in lines:
            if _fits(rule, without_places):
                return Failure(rule.code, f"{rule.sentence} ({_short(redact(line))}).")
    return None


def _fits(rule: Rule, line: str) -> bool:
    passes = rule in PERMANENT and THROTTLED.search(line)
    return not passes and rule.pattern.search(line) is not None


def _short(reason: str) -> str:
    text = " ".join(RULED.sub(" ", reason).replace("Fatal: ", "").split()) or "restic gave no reason"
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"
