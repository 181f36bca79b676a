"""What restic's failures mean. The texts are restic's own, written down from its 0.18 and 0.19."""

from collections import deque

import pytest

from mover.config.secrets import Redactor
from mover.exit_codes import ExitCode
from mover.restic.errors.classify import classify
from mover.restic.process_result import ProcessResult

BY_TEXT = {
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
    "Fatal: an error that no rule matches": ExitCode.FAULT,
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


def result(exit_code: int, text: str) -> ProcessResult:
    return ProcessResult("backup", exit_code, fatal=text, tail=deque(["an earlier line"]))


@pytest.mark.parametrize(("text", "code"), BY_TEXT.items())
def test_a_failure_is_classified_by_the_text_of_restic(text: str, code: ExitCode) -> None:
    failure = classify(result(1, text), Redactor())
    assert failure is not None
    assert failure.code is code
    assert not failure.message.endswith(".")


@pytest.mark.parametrize(
    ("exit_code", "code"),
    [
        (10, ExitCode.NO_REPOSITORY),
        (11, ExitCode.LOCKED),
        (12, ExitCode.WRONG_PASSWORD),
        (-9, ExitCode.OUT_OF_MEMORY),
    ],
)
def test_an_unambiguous_exit_code_is_preferred_over_the_text(exit_code: int, code: ExitCode) -> None:
    failure = classify(result(exit_code, "no space left on device"), Redactor())
    assert failure is not None
    assert failure.code is code


def test_only_exit_code_0_is_a_success() -> None:
    assert classify(result(0, "Fatal: anything"), Redactor()) is None
    failure = classify(result(77, ""), Redactor())
    assert failure is not None
    assert failure.code is ExitCode.FAULT
    assert {"backup", "77"} <= set(failure.message.replace(":", " ").split())


def test_the_message_is_one_short_line() -> None:
    failure = classify(result(1, "Fatal: one\ntwo" + " word" * 10_000), Redactor())
    assert failure is not None
    assert len(failure.message) < 400
    assert "\n" not in failure.message
