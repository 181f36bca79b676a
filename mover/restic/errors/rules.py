"""The table of restic's errors: by pattern, an exit code and a message that says what is wrong and what to do.

The texts are those of restic, of the libraries it reaches its backends with, and of the servers. One table for all
backends, since the order decides: the first rule that fits a line wins, and generic ones such as a bare 403 have to
come after those that know the reason. ``matching`` looks them up.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from mover.exit_codes import ExitCode


@dataclass(frozen=True)
class Rule:
    """What an error means."""

    expression: str
    code: ExitCode
    message: str
    """What is wrong and what to do about it; the line that matched is added to it in brackets."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled where it is first needed: most runs meet no error."""
        return re.compile(self.expression, re.IGNORECASE)


THROTTLED = re.compile(
    r"rate.?limit|Too Many Requests|Error 429|quota .*per (minute|second|100 seconds)", re.IGNORECASE
)
"""Rate limiting, whose message often also matches a permanent error."""

PLACE = re.compile(
    r'"[^"\s]*/[^"\s]*"|\b[a-z0-9]+://\S+|(?<![\w<])/\S+|repository at \S+|'
    r"\b(azure|b2|gs|local|rclone|rest|s3|sftp|swift):\S+"
)
"""A path, URL or repository: text chosen by users, which must not match a rule."""

PERMANENT = (
    Rule(
        r"storage: bucket doesn't exist",  # restic 0.18 and 0.19 try to create it, but don't recognize the response
        ExitCode.NO_REPOSITORY,
        "No repository: the bucket does not exist, and restic can't create it on Google Cloud Storage; create it, or "
        "check RESTIC_REPOSITORY",
    ),
    Rule(
        r"specified bucket does not exist(?!\.)|NoSuchBucket|ContainerNotFound",
        ExitCode.NO_REPOSITORY,
        "No repository: the bucket does not exist; check RESTIC_REPOSITORY",
    ),
    Rule(
        r"Access Key Id you provided does not exist|InvalidAccessKeyId",
        ExitCode.REFUSED,
        "Access refused: unknown access key; check AWS_ACCESS_KEY_ID",
    ),
    Rule(
        r"request signature we calculated does not match|SignatureDoesNotMatch",
        ExitCode.REFUSED,
        "Access refused: wrong secret key; check AWS_SECRET_ACCESS_KEY",
    ),
    Rule(
        r"no credentials found|could not find default credentials|empty credentials",
        ExitCode.REFUSED,
        "Access refused: no credentials for the backend; check the keys of the Secret",
    ),
    Rule(
        r"oauth2: cannot fetch token: 40[013]",
        ExitCode.REFUSED,
        "Access refused: Google rejected the credentials; check GOOGLE_APPLICATION_CREDENTIALS and its key",
    ),
    Rule(
        r"x509:|failed to verify certificate|certificate signed by unknown authority",
        ExitCode.REFUSED,
        "TLS certificate of the backend is not trusted; set CUSTOM_CA to the CA bundle that signed it",
    ),
    Rule(
        r"server gave HTTP response to HTTPS client|first record does not look like a TLS handshake",
        ExitCode.REFUSED,
        "Backend does not use TLS on this port; use http:// in RESTIC_REPOSITORY, or correct the port",
    ),
    Rule(
        r"HTTP request to an HTTPS server|malformed HTTP response.*\\x15",
        ExitCode.REFUSED,
        "Backend requires TLS; use https:// in RESTIC_REPOSITORY",
    ),
    Rule(
        r"specified bucket is not valid|InvalidBucketName|Bucket name (contains|cannot)",
        ExitCode.REFUSED,
        "Invalid bucket name; check RESTIC_REPOSITORY",
    ),
    Rule(
        r"\b400 Bad Request\b",  # all that is left of an S3 error if the response has no body
        ExitCode.REFUSED,
        "Backend rejected the request; check http or https and the bucket name in RESTIC_REPOSITORY, "
        "AWS_DEFAULT_REGION and AWS_SESSION_TOKEN",
    ),
    Rule(
        r"AuthorizationHeaderMalformed|region .* is wrong|InvalidRegion",
        ExitCode.REFUSED,
        "Bucket is in another region; set AWS_DEFAULT_REGION to that region",
    ),
    Rule(
        r"RequestTimeTooSkewed|difference between the request time and the .*server.* time",
        ExitCode.REFUSED,
        "Access refused: clocks differ; correct the clock of this node",
    ),
    Rule(
        r"ssh: handshake failed|Permission denied \(|Host key verification failed|remote host identification",
        ExitCode.REFUSED,
        "SSH login refused; check the user, its key and known_hosts",
    ),
    Rule(
        r"\b(l?stat|open) … not a directory",
        ExitCode.USAGE,
        "RESTIC_REPOSITORY: not a directory: it is a file, or leads through one",
    ),
    Rule(
        r"private key should be a PEM|decode account key|"
        r"error getting credentials using GOOGLE_APPLICATION_CREDENTIALS",
        ExitCode.USAGE,
        "Credentials are missing or malformed; check the keys of the Secret",
    ),
    Rule(
        r"unsupported protocol scheme",
        ExitCode.USAGE,
        "RESTIC_REPOSITORY: no URL where this backend expects one; add http:// or https://",
    ),
    Rule(
        r"Access ?Denied|AllAccessDisabled|AccountProblem|ExpiredToken|InvalidToken|AuthenticationFailed|"
        r"AuthorizationFailure|Authorization Failed|\b40[13]\b|Forbidden|Unauthorized|bad_auth_token|"
        r"invalid_grant|invalid_client",
        ExitCode.REFUSED,
        "Access refused; check the credentials and their permissions",
    ),
    Rule(
        r"no space left on device|quota exceeded|QuotaExceeded|StorageFull|XMinioStorageFull|"
        r"minimum free drive threshold|\b507\b|InsufficientStorage|storage_cap_exceeded",
        ExitCode.NO_SPACE,
        "No space left in the repository's storage; add space or raise its quota",
    ),
)
"""Errors that no retry can help, even if restic retries them."""

DAMAGE = (
    Rule(
        r"config or key \S+ is damaged|config file has zero size|<key/\w+>.*invalid data",
        ExitCode.DAMAGED,
        "Repository is damaged: config or key file; restore that file from a copy of the repository",
    ),
    Rule(
        r"<index/\w+>|loading index|is not known; the repository could be damaged|"
        # Not found in any index; for a missing pack file restic reports the pack instead.
        r"\bid \w+ not found|\bblob \S+ not found",
        ExitCode.DAMAGED,
        "Repository is damaged: index damaged or missing; run `restic repair index`, then `restic check`",
    ),
    Rule(
        r"<snapshot/\w+>|(Error|failed) (loading|to load) snapshot",
        ExitCode.DAMAGED,
        "Repository is damaged: unreadable snapshot file; restore it in `snapshots/` from a copy of the repository",
    ),
    Rule(
        r"<data/\w+>|decrypting blob|ciphertext verification failed|packs from index missing|"
        r"tree \w+ could not be loaded|repository contains errors|failed finding blobs|"
        r"invalid data returned|does not match real size",
        ExitCode.DAMAGED,
        "Repository is damaged: data damaged or missing; run `restic check --read-data`, then `restic repair packs` "
        "with the packs it lists, and `restic repair snapshots --forget`",
    ),
)
"""Errors of the repository itself. The mover never repairs a repository, because a repair can lose data."""

NOT_S3 = Rule(
    # With a full stop this is the S3 library's own text for a 404 without an S3 error in it.
    r"specified bucket does not exist\.|Last-Modified time format is invalid",
    ExitCode.UNREACHABLE,
    "Endpoint does not respond like an S3 server; check its address and health",
)

FINAL = (
    NOT_S3,
    *PERMANENT,
    Rule(
        # Of restic's own requests to a repository; ssh, rclone and the cache have their own files.
        r"(config file|create lock|create repository|\b(Stat|Save|Load|LoadRaw|List|Remove)\(<).*permission denied",
        ExitCode.REFUSED,
        "Access refused: permission denied; check the permissions of the repository's directory and the mover's user",
    ),
    *DAMAGE,
    Rule(
        r"repository is already locked|unable to create lock",
        ExitCode.LOCKED,
        "Repository is locked by another process",
    ),
    Rule(
        r"connection refused|no such host|i/o timeout|deadline exceeded|timed? ?out|connection reset|"
        r"server closed connection|unexpected EOF|network is unreachable|no route to host|broken pipe|"
        r"TLS handshake timeout|\b50[0-4]\b|Service Unavailable|Server not initialized|SlowDown|"
        r"InternalError|ServiceUnavailable|temporar(y|ily)|stuck request|"
        rf"{THROTTLED.pattern}|"
        # All that restic prints if it ends before it has passed on ssh's own error; a retry may show more.
        r"unable to start the sftp session",
        ExitCode.UNREACHABLE,
        "Backend unreachable",
    ),
    Rule(
        r"invalid backend",
        ExitCode.USAGE,
        "RESTIC_REPOSITORY: backend not supported by this restic; use one that is, such as s3: or rest: "
        "(Debian's restic has no azure)",
    ),
    Rule(
        r"\(\$[A-Z0-9_]+\) is empty",
        ExitCode.USAGE,
        "A variable that the backend requires is not set; check the keys of the Secret",
    ),
    Rule(
        r"Can't find AuthVersion in AuthUrl",
        ExitCode.USAGE,
        "Swift requires ST_AUTH, ST_USER and ST_KEY, or OS_AUTH_URL and its companions; check the keys of the Secret",
    ),
    Rule(
        r"failed: unexpected HTTP response \(404\)",  # of `init`: elsewhere a 404 means that there is no repository yet
        ExitCode.REFUSED,
        "Server rejected this repository path (HTTP 404); check host and path in RESTIC_REPOSITORY",
    ),
    Rule(
        r'exec: "rclone": executable file not found',
        ExitCode.USAGE,
        "rclone is not installed; use an image that was built with RCLONE=yes",
    ),
    Rule(
        r"invalid value for|invalid pattern|failed to parse value|pack size (larger|smaller) than|"
        r"parsing repository location failed|unknown feature flag|"
        r"unknown (flag|shorthand flag)|cannot parse root certificate|Resolving password failed|"
        r"executable file not found|didn't find (section in config file|backend called)|"
        r"can't use empty string as a path|invalid argument|mutually exclusive|"
        r"bucket name is too short|empty password",
        ExitCode.USAGE,
        "restic rejected the settings",
    ),
    Rule(
        r"out of memory|cannot allocate memory",
        ExitCode.OUT_OF_MEMORY,
        "restic ran out of memory; raise the memory limit",
    ),
)
"""Rules for the output of a failed restic process, most specific first."""

BY_EXIT_CODE = {
    10: (ExitCode.NO_REPOSITORY, "No repository at this location; check RESTIC_REPOSITORY"),
    11: (ExitCode.LOCKED, "Repository is locked by another process"),
    12: (
        ExitCode.WRONG_PASSWORD,
        "Wrong password, or the repository's key files are missing; check RESTIC_PASSWORD",
    ),
}
"""restic's exit codes that have one meaning (restic manual, "Scripting", exit codes)."""
