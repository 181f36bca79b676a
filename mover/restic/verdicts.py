"""What restic's failures mean: exit codes and messages become a failure with a code and a sentence.

restic retries nearly every error of a backend for 15 minutes, also those that no retry can mend. So its
words are judged as they come: ``RetryWatch`` has restic stopped at once where the error is permanent, and
after ``RETRY_TIMEOUT`` where it may pass.
"""

import logging
import re
import signal
from dataclasses import dataclass

from mover import memory_limit
from mover.clock import Clock
from mover.outcome import ExitCode, Failure
from mover.restic.messages import Message, Text
from mover.restic.process import Ended
from mover.secret import Redactor
from mover.units import size

log = logging.getLogger(__name__)

RETRYING = re.compile(r"(?P<operation>.*?) returned error, retrying after [^:]*: (?P<reason>.*)")
RECOVERED = re.compile(r"(?P<operation>.*?) operation successful after \d+ retries")

LONGEST_REASON = 300
"""Characters of restic's own words in a sentence."""


@dataclass(frozen=True)
class Rule:
    """What a message means. The sentence says what is wrong and what to do about it."""

    pattern: re.Pattern[str]
    code: ExitCode
    sentence: str


def _rule(pattern: str, code: ExitCode, sentence: str) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), code, sentence)


PERMANENT = (
    _rule(
        r"specified bucket does not exist(?!\.)|NoSuchBucket|bucket doesn't exist|ContainerNotFound",
        ExitCode.NO_REPOSITORY,
        "There is no repository: the bucket does not exist; check RESTIC_REPOSITORY",
    ),
    _rule(
        r"Access Key Id you provided does not exist|InvalidAccessKeyId",
        ExitCode.REFUSED,
        "The backend does not know the access key; check AWS_ACCESS_KEY_ID",
    ),
    _rule(
        r"request signature we calculated does not match|SignatureDoesNotMatch",
        ExitCode.REFUSED,
        "The backend refuses the secret key; check AWS_SECRET_ACCESS_KEY",
    ),
    _rule(
        r"no credentials found|could not find default credentials|empty credentials",
        ExitCode.REFUSED,
        "There are no credentials for the backend; check the keys of the Secret",
    ),
    _rule(
        r"x509:|failed to verify certificate|certificate signed by unknown authority",
        ExitCode.REFUSED,
        "The backend's certificate can't be trusted; set CUSTOM_CA to the bundle that signed it",
    ),
    _rule(
        r"server gave HTTP response to HTTPS client|first record does not look like a TLS handshake",
        ExitCode.REFUSED,
        "The backend does not speak https at this port; write http:// in RESTIC_REPOSITORY, or the right port",
    ),
    _rule(
        r"HTTP request to an HTTPS server|malformed HTTP response.*\\x15",
        ExitCode.REFUSED,
        "The backend speaks https, not http; write https:// in RESTIC_REPOSITORY",
    ),
    _rule(
        r"specified bucket is not valid|InvalidBucketName|Bucket name (contains|cannot)",
        ExitCode.REFUSED,
        "The bucket's name is not a valid one; check RESTIC_REPOSITORY",
    ),
    _rule(
        r"\b400 Bad Request\b",  # all that is left of an S3 error where the answer has no body
        ExitCode.REFUSED,
        "The backend rejects the request; check whether it is http or https and the bucket's name in "
        "RESTIC_REPOSITORY, AWS_DEFAULT_REGION and AWS_SESSION_TOKEN",
    ),
    _rule(
        r"AuthorizationHeaderMalformed|region .* is wrong|InvalidRegion",
        ExitCode.REFUSED,
        "The bucket is in another region; set AWS_DEFAULT_REGION to its own",
    ),
    _rule(
        r"RequestTimeTooSkewed|difference between the request time and the .*server.* time",
        ExitCode.REFUSED,
        "The backend refuses the request because the clocks differ; set this node's clock right",
    ),
    _rule(
        r"ssh: handshake failed|Permission denied \(|Host key verification failed|remote host identification",
        ExitCode.REFUSED,
        "The SSH server refuses the login; check the user, its key and known_hosts",
    ),
    _rule(
        r"Access ?Denied|AllAccessDisabled|AccountProblem|ExpiredToken|InvalidToken|AuthenticationFailed|"
        r"AuthorizationFailure|\b40[13]\b|Forbidden|Unauthorized|invalid_grant|bad_auth_token",
        ExitCode.REFUSED,
        "The backend refuses access; check the credentials and what they are allowed to do",
    ),
    _rule(
        r"no space left on device|quota exceeded|QuotaExceeded|StorageFull|XMinioStorageFull|"
        r"minimum free drive threshold|\b507\b|InsufficientStorage|storage_cap_exceeded",
        ExitCode.NO_SPACE,
        "There is no space left where the repository is; make room or raise its quota",
    ),
)
"""Errors that no retry mends."""

DAMAGE = (
    _rule(
        r"config or key \S+ is damaged|config file has zero size|<key/\w+>.*invalid data",
        ExitCode.DAMAGED,
        "The repository's config or key file is damaged; put it back from a copy of the repository",
    ),
    _rule(
        r"<index/\w+>|loading index|is not known; the repository could be damaged|"
        # In no index, that is: where the pack is gone restic misses that.
        r"\bid \w+ not found|\bblob \S+ not found",
        ExitCode.DAMAGED,
        "An index of the repository is damaged or missing; run `restic repair index`, then `restic check`",
    ),
    _rule(
        r"<snapshot/\w+>|(Error|failed) (loading|to load) snapshot",
        ExitCode.DAMAGED,
        "A snapshot file of the repository is damaged; put it back from a copy, or delete it from `snapshots/`",
    ),
    _rule(
        r"<data/\w+>|decrypting blob|ciphertext verification failed|packs from index missing|"
        r"tree \w+ could not be loaded|repository contains errors|failed finding blobs|"
        r"invalid data returned|does not match real size",
        ExitCode.DAMAGED,
        "Data of the repository is damaged or missing; run `restic check --read-data`, then `restic repair packs` with "
        "the packs it names, and `restic repair snapshots --forget`",
    ),
)
"""Errors of the repository itself: nothing the mover may mend, since a repair gives something up."""

NO_S3 = _rule(
    # With a full stop these are the S3 library's own words for a 404 without an S3 error in it.
    r"specified bucket does not exist\.|Last-Modified time format is invalid",
    ExitCode.UNREACHABLE,
    "What answers at the backend's address is no S3 server, or one that is down",
)

FINAL = (
    NO_S3,
    *PERMANENT,
    *DAMAGE,
    _rule(
        r"repository is already locked|unable to create lock",
        ExitCode.LOCKED,
        "The repository is locked by another process",
    ),
    _rule(
        r"connection refused|no such host|i/o timeout|deadline exceeded|timed? ?out|connection reset|"
        r"server closed connection|unexpected EOF|network is unreachable|no route to host|broken pipe|"
        r"TLS handshake timeout|\b50[0-4]\b|Service Unavailable|Server not initialized|SlowDown|"
        r"InternalError|ServiceUnavailable|temporar(y|ily)|stuck request",
        ExitCode.UNREACHABLE,
        "The backend can't be reached",
    ),
    _rule(
        r"invalid value for|invalid pattern|failed to parse value|pack size (larger|smaller) than|"
        r"invalid backend|parsing repository location failed|unknown feature flag|"
        r"unknown (flag|shorthand flag)|cannot parse root certificate|Resolving password failed|"
        r"executable file not found|didn't find section in config file|invalid argument|mutually exclusive|"
        r"bucket name is too short|empty password",
        ExitCode.USAGE,
        "restic does not accept the settings",
    ),
    _rule(
        r"out of memory|cannot allocate memory",
        ExitCode.OUT_OF_MEMORY,
        "restic ran out of memory; raise the memory limit",
    ),
)
"""What a failed restic's last words mean, the most certain first."""

BY_EXIT_CODE = {
    10: (ExitCode.NO_REPOSITORY, "There is no repository at this place; check RESTIC_REPOSITORY"),
    11: (ExitCode.LOCKED, "The repository is locked by another process"),
    12: (
        ExitCode.WRONG_PASSWORD,
        "The repository does not open with this password, or its keys are gone; check RESTIC_PASSWORD",
    ),
}
"""Ends whose meaning is sure (restic manual, «Scripting», exit codes)"""


class RetryWatch:
    """Listens to restic's retries and decides when they are of no use."""

    def __init__(self, retry_timeout: float, clock: Clock, redact: Redactor) -> None:
        self._retry_timeout = retry_timeout
        self._clock = clock
        self._redact = redact
        self._failing: dict[str, float] = {}
        """Since when, for each request that has not succeeded yet."""
        self._reason = ""
        self.failure: Failure | None = None

    @property
    def failing_since(self) -> float | None:
        """When the oldest request that still fails did so first, on the monotonic clock."""
        return min(self._failing.values(), default=None)

    def hear(self, message: Message) -> None:
        """Take notice of a retry, or of the end of one."""
        if not isinstance(message, Text) or self.failure:
            return
        if recovered := RECOVERED.match(message.line):
            self._failing.pop(recovered["operation"], None)
        elif retrying := RETRYING.match(message.line):
            self._reason = retrying["reason"]
            self.failure = _judge(PERMANENT, self._reason, self._redact)
            if not self._failing and not self.failure:
                reason = _short(self._redact(self._reason))
                log.warning("A request failed, trying again for up to %.0f s (%s).", self._retry_timeout, reason)
            self._failing.setdefault(retrying["operation"], self._clock.monotonic())

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


def judge(ended: Ended, redact: Redactor) -> Failure | None:
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
    for rule in rules:
        for line in words.splitlines():
            if rule.pattern.search(line):
                return Failure(rule.code, f"{rule.sentence} ({_short(redact(line))}).")
    return None


def _short(reason: str) -> str:
    text = " ".join(reason.replace("Fatal: ", "").split()) or "restic gave no reason"
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"
