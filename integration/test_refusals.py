"""What no retry can help is reported within seconds, by a real S3 server's own refusal, with what to check."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration import refused
from integration.refused import Kept, Wrong
from integration.servers import faulty
from integration.servers.minio import Minio, minio_server
from integration.servers.s3 import S3Server
from tests.support import volumes
from tests.support.mover_process import TOOLS, Mover, Result
from tests.support.restic_versions import OLDEST

pytestmark = pytest.mark.needs("minio")

DEADLINE_SECONDS = 3 * 3
"""Three from restic's first error are promised."""

REFUSED = {
    refused.password: ("RESTIC_PASSWORD", pytest.mark.fault("wrong password")),
    refused.access_key: ("AWS_ACCESS_KEY_ID", pytest.mark.fault("unknown access key")),
    refused.secret_key: ("AWS_SECRET_ACCESS_KEY", pytest.mark.fault("wrong secret key")),
    refused.no_keys: ("Secret", pytest.mark.fault("no credentials at all")),
    refused.a_user_without_rights: ("Access Denied", pytest.mark.fault("access denied")),
    refused.certificate: ("CUSTOM_CA", pytest.mark.fault("untrusted certificate")),
    refused.https_to_an_http_port: ("http://", pytest.mark.fault("https to a port that speaks http")),
    refused.http_to_an_https_port: ("https", pytest.mark.fault("http to a port that speaks https")),
    refused.bucket_name: ("RESTIC_REPOSITORY", pytest.mark.fault("invalid bucket name")),
    refused.short_bucket_name: ("RESTIC_REPOSITORY", pytest.mark.fault("bucket name too short")),
}
"""What is wrong, the variable or reason that the message should name, and the row of the table."""

READ_ONLY = ["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"]


@dataclass(frozen=True)
class Refusal:
    """Settings that the backend refuses, and how the mover should report that."""

    settings: Mapping[str, str]
    named: str
    exit_code: int


def of_these(*wrong: Wrong) -> pytest.MarkDecorator:
    parameters = [pytest.param(one, marks=REFUSED[one][1], id=one.__name__) for one in wrong]
    return pytest.mark.parametrize("refusal", parameters, indirect=True)


@pytest.fixture(params=["us-east-1", ""], ids=["with region", "without region"])
def region(request: pytest.FixtureRequest) -> str:
    """With a region restic asks for objects at once, else for the bucket first: other requests meet the same fault."""
    return str(request.param)


@pytest.fixture
def refusal(request: pytest.FixtureRequest, kept: Kept, region: str, exit_code: int) -> Refusal:
    wrong: Wrong = request.param
    return Refusal({**wrong(kept), "AWS_DEFAULT_REGION": region}, REFUSED[wrong][0], exit_code)


@pytest.fixture(scope="module")
def kept(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A repository with a snapshot."""
    assert isinstance(s3, Minio)
    with minio_server(tmp_path_factory.mktemp("tls"), tls=True) as tls:
        made = Kept(s3, tls, f"kept-{secrets.token_hex(6)}")
        folder = tmp_path_factory.mktemp("kept")
        mover_of(made, folder).succeeds("backup")
        yield made


@pytest.fixture
def mover(kept: Kept, tmp_path: Path) -> Mover:
    """A mover that knows nothing of the repository yet, as in a new cluster."""
    return mover_of(kept, tmp_path)


@pytest.fixture
def oldest(tmp_path: Path) -> Path:
    """A search path to the oldest restic."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "restic").symlink_to(TOOLS / OLDEST)
    return tmp_path / "bin"


def mover_of(kept: Kept, folder: Path) -> Mover:
    return Mover(folder, volumes.small(folder / "data"), TOOLS, kept.settings(kept.plain))


def seconds(result: Result) -> float:
    return float(result.outcome["operations"][-1]["seconds"])


def is_reported_in_time(result: Result, named: str) -> None:
    assert named in result.message
    assert seconds(result) <= DEADLINE_SECONDS, "restic itself would go on for a quarter of an hour"


@of_these(*REFUSED)
def test_refused_settings_end_a_backup_in_time_and_change_nothing(mover: Mover, kept: Kept, refusal: Refusal) -> None:
    before = kept.plain.objects(kept.bucket)
    result = mover.fails(refusal.exit_code, "backup", **refusal.settings)
    is_reported_in_time(result, refusal.named)
    assert result.outcome["restic"]["processes"] <= 2, "its version, and one that was refused"
    assert kept.plain.objects(kept.bucket) == before


@of_these(*REFUSED)
def test_refused_settings_end_a_restore_despite_restore_missing_continue(
    mover: Mover, refusal: Refusal, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    result = mover.into(target).fails(refusal.exit_code, "restore", RESTORE_MISSING="continue", **refusal.settings)
    is_reported_in_time(result, refusal.named)
    assert list(target.iterdir()) == [], "an empty volume is never handed over as a success"


@of_these(refused.secret_key, refused.certificate, refused.bucket_name)
def test_refused_settings_are_reported_with_the_oldest_restic_too(mover: Mover, refusal: Refusal, oldest: Path) -> None:
    result = mover.with_restic(oldest).fails(refusal.exit_code, "backup", **refusal.settings)
    is_reported_in_time(result, refusal.named)


def test_the_same_repository_accepts_correct_settings(mover: Mover, kept: Kept) -> None:
    settings = {**kept.settings(kept.tls), "CUSTOM_CA": str(kept.tls.authority)}
    mover.succeeds("backup", "prune", **settings)


@pytest.mark.fault("https to a port that speaks something else")
def test_a_server_that_does_not_speak_tls_is_reported(mover: Mover, kept: Kept, region: str, exit_code: int) -> None:
    with faulty.plain_http_behind_https() as address:
        settings = kept.settings(kept.plain.at(address))
        result = mover.fails(exit_code, "backup", **{**settings, "AWS_DEFAULT_REGION": region})
    is_reported_in_time(result, "http://")


@pytest.mark.fault("no bucket, or no repository in it")
def test_a_restore_from_a_missing_bucket_is_reported(mover: Mover, kept: Kept, region: str, exit_code: int) -> None:
    settings = {**kept.settings(kept.plain, f"missing-{secrets.token_hex(6)}"), "AWS_DEFAULT_REGION": region}
    is_reported_in_time(mover.fails(exit_code, "restore", **settings), "RESTIC_REPOSITORY")


@pytest.mark.fault("no bucket, or no repository in it")
def test_a_backup_does_not_create_a_bucket_that_had_a_snapshot(mover: Mover, kept: Kept, exit_code: int) -> None:
    bucket = f"removed-{secrets.token_hex(6)}"
    settings = kept.settings(kept.plain, bucket)
    mover.succeeds("backup", **settings)
    with kept.plain.client() as client:
        for name in kept.plain.objects(bucket):
            client.remove_object(bucket, name)
        client.remove_bucket(bucket)
    is_reported_in_time(mover.fails(exit_code, "backup", **settings), "REPOSITORY_INIT")
    with kept.plain.client() as client:
        assert not client.bucket_exists(bucket)


@pytest.mark.fault("access denied")
def test_a_bucket_that_the_user_cannot_create_is_reported(
    mover: Mover, kept: Kept, region: str, exit_code: int
) -> None:
    bucket = f"forbidden-{secrets.token_hex(6)}"
    user = kept.plain.user(bucket, READ_ONLY)
    result = mover.fails(exit_code, "backup", **{**kept.settings(user, bucket), "AWS_DEFAULT_REGION": region})
    is_reported_in_time(result, "Access Denied")


@pytest.mark.fault("access denied")
def test_a_read_only_user_cannot_back_up(mover: Mover, kept: Kept, exit_code: int) -> None:
    result = mover.fails(exit_code, "backup", **kept.settings(kept.plain.user(kept.bucket, READ_ONLY)))
    is_reported_in_time(result, "Access Denied")


def test_a_read_only_user_can_list_the_snapshots(mover: Mover, kept: Kept) -> None:
    user = kept.settings(kept.plain.user(kept.bucket, READ_ONLY))
    assert "volsync" in mover.run("snapshots", **user).text
