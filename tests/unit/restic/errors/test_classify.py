"""What restic's failures mean. The words are restic's own, written down from its 0.18 and 0.19."""

from collections import deque

import pytest

from mover.config.secrets import Redactor
from mover.exit_codes import ExitCode
from mover.platform.clock import Clock
from mover.restic.errors.classify import RetryWatch, classify
from mover.restic.messages import StatusMessage, Text
from mover.restic.process import ProcessResult

BY_WORDS = {
    "Fatal: unable to open config file: Stat: The specified bucket does not exist": ExitCode.NO_REPOSITORY,
    "Fatal: client.MakeBucket: The specified bucket does not exist.": ExitCode.UNREACHABLE,
    "Fatal: create repository at s3:http://x failed: client.BucketExists: Access Denied.": ExitCode.REFUSED,
    "Stat: The Access Key Id you provided does not exist in our records.": ExitCode.REFUSED,
    "Stat: The request signature we calculated does not match the signature you provided.": ExitCode.REFUSED,
    'Get "https://x/": tls: failed to verify certificate: x509: certificate signed by unknown authority': (
        ExitCode.REFUSED
    ),
    'Get "https://x/": http: server gave HTTP response to HTTPS client': ExitCode.REFUSED,
    'Get "https://x/": tls: first record does not look like a TLS handshake': ExitCode.REFUSED,
    "unexpected HTTP response (403): 403 Forbidden": ExitCode.REFUSED,
    "ssh: handshake failed: ssh: unable to authenticate": ExitCode.REFUSED,
    "write /repo/data/tmp: no space left on device": ExitCode.NO_SPACE,
    "client.PutObject: Bucket quota exceeded": ExitCode.NO_SPACE,
    "Storage backend has reached its minimum free drive threshold.": ExitCode.NO_SPACE,
    "Fatal: config or key 1234abcd is damaged": ExitCode.DAMAGED,
    "Fatal: config file has zero size, invalid repository?": ExitCode.DAMAGED,
    "LoadRaw(<index/abcdef>): invalid data returned": ExitCode.DAMAGED,
    "pack 6a57ccbb: calculated size 300379 does not match real size 150189": ExitCode.DAMAGED,
    "Fatal: repository contains errors: the repository contains errors": ExitCode.DAMAGED,
    "unable to create lock in backend: repository is already locked by PID 7": ExitCode.LOCKED,
    'Get "http://x/": dial tcp 127.0.0.1:1: connect: connection refused': ExitCode.UNREACHABLE,
    'Get "http://x/": dial tcp: lookup x on 127.0.0.1:53: no such host': ExitCode.UNREACHABLE,
    "unexpected HTTP response (503): 503 Service Unavailable": ExitCode.UNREACHABLE,
    "Fatal: unknown flag: --no-such": ExitCode.USAGE,
    "Fatal: parsing repository location failed: s3: invalid format": ExitCode.USAGE,
    "Fatal: pack size larger than limit of 128 MiB": ExitCode.USAGE,
    'Fatal: failed to parse value "maybe" for feature flag device-id-for-hardlinks': ExitCode.USAGE,
    "Fatal: --exclude: invalid pattern(s) provided:\n[a": ExitCode.USAGE,
    "Fatal: Resolving password failed: exit status 1": ExitCode.USAGE,
    "fork/exec: cannot allocate memory": ExitCode.OUT_OF_MEMORY,
    "Fatal: something nobody has ever heard of": ExitCode.FAULT,
    "Fatal: create repository at gs:b:/p failed: storage: bucket doesn't exist: googleapi: Error 404: Not Found": (
        ExitCode.NO_REPOSITORY
    ),
    "oauth2: cannot fetch token: 400 Bad Request": ExitCode.REFUSED,
    "oauth2: cannot fetch token: Post: dial tcp 127.0.0.1:1: connect: connection refused": ExitCode.UNREACHABLE,
    "googleapi: Error 403: Forbidden": ExitCode.REFUSED,
    "googleapi: Error 403: User Rate Limit Exceeded": ExitCode.UNREACHABLE,
    "Fatal: unable to open repository at swift:c:/p: conn.Authenticate: Authorization Failed": ExitCode.REFUSED,
    "conn.Authenticate: Can't find AuthVersion in AuthUrl - set explicitly": ExitCode.USAGE,
    "stat /file/config: not a directory": ExitCode.USAGE,
    'Get "https://storage.googleapis.com/b": private key should be a PEM or plain PKCS1 or PKCS8': ExitCode.USAGE,
    "Fatal: create repository at rest:http://x/v/ failed: unexpected HTTP response (404): 404 Not Found": (
        ExitCode.REFUSED
    ),
    'Failed to create file system for "remote:volume": didn\'t find backend called "nosuch"': ExitCode.USAGE,
    "Fatal: unable to open B2 backend: Key ($B2_ACCOUNT_KEY) is empty": ExitCode.USAGE,
    "NewSharedKeyCredential: decode account key: illegal base64 data at input byte 0": ExitCode.USAGE,
    "Fatal: unable to open config file: stat /repository/config: permission denied": ExitCode.REFUSED,
    "Stat(<config/>) failed: stat /repository/config: permission denied": ExitCode.REFUSED,
    "unable to create lock in backend: open /repository/locks/ab: permission denied": ExitCode.REFUSED,
    "subprocess ssh: Could not create directory '/home/mover/.ssh' (Permission denied).\nConnection refused": (
        ExitCode.UNREACHABLE
    ),
    "unable to open cache: open /cache/x: permission denied\ndial tcp: connection refused": ExitCode.UNREACHABLE,
    "oauth2: cannot fetch token: 429 Too Many Requests": ExitCode.UNREACHABLE,
    "googleapi: Error 403: Quota exceeded for quota metric 'Queries' and limit 'Queries per minute'": (
        ExitCode.UNREACHABLE
    ),
    "couldn't fetch token: invalid_grant: maybe token expired?": ExitCode.REFUSED,
    # What stands in the name of a place means nothing.
    "Fatal: unable to open repository at swift:ward-403:/volume: connection refused": ExitCode.UNREACHABLE,
    'Get "https://nas.example/backups/ward-403/?location=": connection refused': ExitCode.UNREACHABLE,
    "Fatal: unable to open repository at s3:https://nas/backup-507: connection refused": ExitCode.UNREACHABLE,
    "azure:c:/forbidden-city: context deadline exceeded": ExitCode.UNREACHABLE,
    "write /srv/forbidden/403/data/tmp: connection reset by peer": ExitCode.UNREACHABLE,
    "subprocess ssh: root@nas: Permission denied (publickey).": ExitCode.REFUSED,
    "unable to start the sftp session, error: error receiving version packet from server": ExitCode.UNREACHABLE,
    'Head "//:***@foo/config": unsupported protocol scheme ""': ExitCode.USAGE,
    "": ExitCode.FAULT,
}


class FakeClock:
    def __init__(self) -> None:
        self.seconds = 1000.0
        self.clock = Clock(monotonic=lambda: self.seconds)


def ended(exit_code: int, words: str) -> ProcessResult:
    return ProcessResult("backup", exit_code, fatal=words, tail=deque(["an earlier line"]))


class TestTheVerdict:
    @pytest.mark.parametrize(("words", "code"), BY_WORDS.items())
    def test_is_by_restic_s_words(self, words: str, code: ExitCode) -> None:
        failure = classify(ended(1, words), Redactor())
        assert failure is not None
        assert failure.code is code
        assert failure.sentence.endswith(".")

    @pytest.mark.parametrize(
        ("exit_code", "code"),
        [
            (10, ExitCode.NO_REPOSITORY),
            (11, ExitCode.LOCKED),
            (12, ExitCode.WRONG_PASSWORD),
            (-9, ExitCode.OUT_OF_MEMORY),
        ],
    )
    def test_is_by_exit_code_where_that_is_sure(self, exit_code: int, code: ExitCode) -> None:
        failure = classify(ended(exit_code, "no space left on device"), Redactor())
        assert failure is not None
        assert failure.code is code

    def test_is_good_only_for_exit_code_zero(self) -> None:
        assert classify(ended(0, "Fatal: anything"), Redactor()) is None
        failure = classify(ended(77, ""), Redactor())
        assert failure is not None
        assert "restic backup ended with exit code 77" in failure.sentence

    def test_quotes_restic_in_one_short_line(self) -> None:
        failure = classify(ended(1, "Fatal: one\ntwo" + " word" * 10_000), Redactor())
        assert failure is not None
        assert len(failure.sentence) < 400
        assert "\n" not in failure.sentence


REFUSED = "List(data) returned error, retrying after 500ms: Get: dial tcp 127.0.0.1:1: connect: connection refused"
RECOVERED = "List(data) operation successful after 3 retries"
DENIED = "Stat(<config/>) returned error, retrying after 1s: Stat: Access Denied."


class TestTheWatchOverRetries:
    def test_has_restic_stopped_at_once_where_no_retry_helps(self) -> None:
        watch = RetryWatch(600, Clock(), Redactor())
        watch.handle(Text(DENIED))
        assert watch.wants_it_stopped()
        assert watch.failure is not None
        assert watch.failure.code is ExitCode.REFUSED

    def test_has_it_stopped_after_the_timeout_where_one_may(self) -> None:
        time = FakeClock()
        watch = RetryWatch(600, time.clock, Redactor())
        watch.handle(Text(REFUSED))
        time.seconds += 599
        assert not watch.wants_it_stopped()
        time.seconds += 1
        assert watch.wants_it_stopped()
        assert watch.failure is not None
        assert watch.failure.code is ExitCode.UNREACHABLE
        assert "connection refused" in watch.failure.sentence

    def test_counts_from_the_first_error_of_a_request(self) -> None:
        time = FakeClock()
        watch = RetryWatch(600, time.clock, Redactor())
        for _ in range(4):
            watch.handle(Text(REFUSED))
            time.seconds += 150
        assert watch.wants_it_stopped()

    def test_forgets_a_request_that_has_recovered(self) -> None:
        time = FakeClock()
        watch = RetryWatch(600, time.clock, Redactor())
        watch.handle(Text(REFUSED))
        watch.handle(Text(RECOVERED))
        time.seconds += 10_000
        assert not watch.wants_it_stopped()
        assert watch.failing_since is None

    @pytest.mark.parametrize(
        ("error", "cause", "code"),
        [
            (
                "blob.GetProperties: HEAD https://x.blob.core.windows.net/c/config",
                "ERROR CODE: ContainerNotFound",
                ExitCode.NO_REPOSITORY,
            ),
            (
                "blob.GetProperties: HEAD https://x.blob.core.windows.net/c/config",
                "RESPONSE 403: 403 Server failed to authenticate the request.",
                ExitCode.REFUSED,
            ),
            (
                "unexpected HTTP response (500): 500 Internal Server Error",
                "rclone: ERROR CODE: AuthorizationFailure",
                ExitCode.REFUSED,
            ),
            (
                "unexpected HTTP response (500): 500 Internal Server Error",
                "rclone: 2026/11/25 21:13:29 DEBUG : config: HEAD request error: https response error StatusCode: 403",
                ExitCode.REFUSED,
            ),
        ],
    )
    def test_hears_why_where_that_is_told_in_a_line_of_its_own(self, error: str, cause: str, code: ExitCode) -> None:
        watch = RetryWatch(600, Clock(), Redactor())
        watch.handle(Text(f"Stat(<config/>) returned error, retrying after 1s: {error}"))
        assert not watch.wants_it_stopped()
        watch.handle(Text(cause))
        assert watch.wants_it_stopped()
        assert watch.failure is not None
        assert watch.failure.code is code

    def test_names_the_cause_where_it_gives_up(self) -> None:
        time = FakeClock()
        watch = RetryWatch(600, time.clock, Redactor())
        watch.handle(Text("Stat(<config/>) returned error, retrying after 1s: blob.GetProperties: HEAD https://x"))
        watch.handle(Text("RESPONSE 503: 503 Server busy."))
        watch.handle(Text("ERROR CODE: ServerBusy"))
        watch.handle(Text("Response: {"))
        time.seconds += 600
        assert watch.wants_it_stopped()
        assert watch.failure is not None
        assert "(blob.GetProperties: HEAD https://x RESPONSE 503: 503 Server busy. ERROR CODE: ServerBusy)" in (
            watch.failure.sentence
        )

    def test_takes_no_notice_of_anything_else(self) -> None:
        watch = RetryWatch(0, Clock(), Redactor())
        watch.handle(Text("signal terminated received, cleaning up"))
        watch.handle(StatusMessage(0, 0, 0, 0, 0, None))
        assert not watch.wants_it_stopped()
