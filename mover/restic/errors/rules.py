"""What restic's words mean: by pattern, an exit code and a sentence that says what is wrong and what to do.

The words are those of restic, of the libraries it reaches its backends with, and of the servers. ``verdicts`` looks
them up.
"""

import re
from dataclasses import dataclass

from mover.exit_codes import ExitCode


@dataclass(frozen=True)
class Rule:
    """What a message means. The sentence says what is wrong and what to do about it."""

    pattern: re.Pattern[str]
    code: ExitCode
    sentence: str


def _rule(pattern: str, code: ExitCode, sentence: str) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), code, sentence)


THROTTLED = re.compile(
    r"rate.?limit|Too Many Requests|Error 429|quota .*per (minute|second|100 seconds)", re.IGNORECASE
)
"""Said of requests that come too fast, in the same breath as a code or word for what no retry mends."""

PLACE = re.compile(
    r'"[^"\s]*/[^"\s]*"|\b[a-z0-9]+://\S+|(?<![\w<])/\S+|repository at \S+|'
    r"\b(azure|b2|gs|local|rclone|rest|s3|sftp|swift):\S+"
)
"""Where something is: names that anybody may have given, in which no word or number means anything."""

PERMANENT = (
    _rule(
        r"storage: bucket doesn't exist",  # restic 0.18 and 0.19 mean to make it, but don't recognise the answer
        ExitCode.NO_REPOSITORY,
        "There is no repository: the bucket does not exist, and restic can't make one on Google Cloud Storage; create "
        "it, or check RESTIC_REPOSITORY",
    ),
    _rule(
        r"specified bucket does not exist(?!\.)|NoSuchBucket|ContainerNotFound",
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
        r"oauth2: cannot fetch token: 40[013]",
        ExitCode.REFUSED,
        "Google refuses the credentials; check GOOGLE_APPLICATION_CREDENTIALS, and that its key is still valid",
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
        r"\b(l?stat|open) … not a directory",
        ExitCode.USAGE,
        "RESTIC_REPOSITORY is a file, or leads through one; it should be a folder",
    ),
    _rule(
        r"private key should be a PEM|decode account key|"
        r"error getting credentials using GOOGLE_APPLICATION_CREDENTIALS",
        ExitCode.USAGE,
        "The credentials are not there, or not in the form that the backend wants; check the keys of the Secret",
    ),
    _rule(
        r"unsupported protocol scheme",
        ExitCode.USAGE,
        "RESTIC_REPOSITORY has no URL where its backend wants one; write http:// or https:// into it",
    ),
    _rule(
        r"Access ?Denied|AllAccessDisabled|AccountProblem|ExpiredToken|InvalidToken|AuthenticationFailed|"
        r"AuthorizationFailure|Authorization Failed|\b40[13]\b|Forbidden|Unauthorized|bad_auth_token|"
        r"invalid_grant|invalid_client",
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
    _rule(
        # Of restic's own requests to a repository; ssh, rclone and the cache have their own files.
        r"(config file|create lock|create repository|\b(Stat|Save|Load|LoadRaw|List|Remove)\(<).*permission denied",
        ExitCode.REFUSED,
        "Access is denied; check the permissions of the repository's folder and who the mover runs as",
    ),
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
        r"InternalError|ServiceUnavailable|temporar(y|ily)|stuck request|"
        rf"{THROTTLED.pattern}|"
        # All that restic says where it ends before it has passed on ssh's words; the next try may tell more.
        r"unable to start the sftp session",
        ExitCode.UNREACHABLE,
        "The backend can't be reached",
    ),
    _rule(
        r"invalid backend",
        ExitCode.USAGE,
        "This restic has no such backend; RESTIC_REPOSITORY should begin with the name of one, such as s3: or rest: "
        "(Debian's restic has no azure)",
    ),
    _rule(
        r"\(\$[A-Z0-9_]+\) is empty",
        ExitCode.USAGE,
        "The backend wants a variable that is not set; check the keys of the Secret",
    ),
    _rule(
        r"Can't find AuthVersion in AuthUrl",
        ExitCode.USAGE,
        "Swift wants ST_AUTH, ST_USER and ST_KEY, or OS_AUTH_URL and what belongs to it; check the keys of the Secret",
    ),
    _rule(
        r"failed: unexpected HTTP response \(404\)",  # in its creation: else a 404 means that there is none yet
        ExitCode.REFUSED,
        "What answers takes no repository there; check address and path in RESTIC_REPOSITORY",
    ),
    _rule(
        r'exec: "rclone": executable file not found',
        ExitCode.USAGE,
        "rclone is not installed here; the image has it where it was built with RCLONE=yes",
    ),
    _rule(
        r"invalid value for|invalid pattern|failed to parse value|pack size (larger|smaller) than|"
        r"parsing repository location failed|unknown feature flag|"
        r"unknown (flag|shorthand flag)|cannot parse root certificate|Resolving password failed|"
        r"executable file not found|didn't find (section in config file|backend called)|"
        r"can't use empty string as a path|invalid argument|mutually exclusive|"
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
