"""Following restic's retries while it runs, to stop it when they can't succeed.

restic retries nearly every error of a backend for 15 minutes, also those that no retry can help. So its retry notices
are classified as they come: restic is stopped at once if the error is permanent, and after ``RETRY_TIMEOUT`` if
it may pass. The notices, as restic 0.18 and 0.19 print them on stderr:

    Stat(<config/>) returned error, retrying after 552.330144ms: Stat: Access Denied.
    List(data) operation successful after 3 retries
"""

import logging
import re

from mover.config.secrets import Redactor
from mover.exit_codes import ExitCode, Failure
from mover.platform.clock import Clock
from mover.restic.errors.matching import match_rules, quote
from mover.restic.errors.rules import NOT_S3, PERMANENT
from mover.restic.messages import Message, Text

log = logging.getLogger(__name__)

RETRYING = re.compile(r"(?P<operation>.*?) returned error, retrying after [^:]*: (?P<reason>.*)")
RECOVERED = re.compile(r"(?P<operation>.*?) operation successful after \d+ retries")

CAUSE = re.compile(r"(rclone: )?(RESPONSE \d+: |ERROR CODE: |Response: \{.)|rclone: .* request error: ")
"""Start of a line with details of an error: Azure's and Google's libraries print several lines,
and rclone logs the cause while restic only sees that a request failed."""
ERROR_CODE = "ERROR CODE: "
"""Beginning of Azure's second line on an error."""


class RetryWatch:
    """Follows the retries of one restic process and decides when they can't succeed."""

    def __init__(self, retry_timeout: float, clock: Clock, redact: Redactor) -> None:
        self._retry_timeout = retry_timeout
        self._clock = clock
        self._redact = redact
        self._failing: dict[str, float] = {}
        """Monotonic time of the first failure of each request that has not succeeded yet."""
        self._retried = ""
        self._causes: list[str] = []
        """What was said in lines of its own about the last error."""
        self.failure: Failure | None = None

    @property
    def failing_since(self) -> float | None:
        """Monotonic time of the first failure of the longest failing request."""
        return min(self._failing.values(), default=None)

    def handle(self, message: Message) -> None:
        """Take in a retry, the reason for it, or its success."""
        if not isinstance(message, Text) or self.failure:
            return
        if recovered := RECOVERED.match(message.line):
            self._failing.pop(recovered["operation"], None)
            self._causes.clear()
        elif retrying := RETRYING.match(message.line):
            self._note_retry(retrying["operation"], retrying["reason"])
        elif CAUSE.match(message.line):
            self._note_cause(message.line)

    def should_stop(self) -> bool:
        """Whether the error is permanent, or has lasted as long as the retry timeout."""
        since = self.failing_since
        if self.failure is None and since is not None:
            lasted = self._clock.monotonic() - since
            if lasted >= self._retry_timeout:
                self.failure = self._unreachable(lasted)
        return self.failure is not None

    def _note_retry(self, operation: str, reason: str) -> None:
        self._retried = reason
        self.failure = match_rules(PERMANENT, reason, self._redact)
        if not self._failing and not self.failure:
            quoted = quote(self._reason, self._redact)
            log.warning(f"Request failed, retrying for up to {self._retry_timeout:.0f} s (RETRY_TIMEOUT): {quoted}")
        self._failing.setdefault(operation, self._clock.monotonic())

    def _note_cause(self, line: str) -> None:
        cause = line.partition(" request error: ")[2] or line
        self._causes = [*(self._causes[:1] if ERROR_CODE in cause else []), cause]
        self.failure = match_rules(PERMANENT, line, self._redact)

    def _unreachable(self, lasted: float) -> Failure:
        reason = quote(self._reason, self._redact)
        if NOT_S3.pattern.search(self._reason):
            message = f"{NOT_S3.message} (gave up after {lasted:.0f} s, RETRY_TIMEOUT: {reason})"
        else:
            message = f"Backend unreachable for {lasted:.0f} s, giving up (RETRY_TIMEOUT): {reason}"
        return Failure(ExitCode.UNREACHABLE, message)

    @property
    def _reason(self) -> str:
        return " ".join([self._retried, *self._causes])
