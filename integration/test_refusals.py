"""What no retry can mend is told within seconds, by a real S3 server's own refusal, with what to do about it."""

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
from tests import volumes
from tests.mover_process import TOOLS, Mover, Result
from tests.restics import OLDEST

pytestmark = pytest.mark.needs("minio")

DEADLINE = 3 * 3
"""Seconds: three from restic's first word are promised."""

REFUSED = {
    refused.password: ("check RESTIC_PASSWORD", pytest.mark.fault("wrong password")),
    refused.access_key: ("check AWS_ACCESS_KEY_ID", pytest.mark.fault("unknown access key")),
    refused.secret_key: ("check AWS_SECRET_ACCESS_KEY", pytest.mark.fault("wrong secret key")),
    refused.no_keys: ("check the keys of the Secret", pytest.mark.fault("no credentials at all")),
    refused.a_user_without_rights: ("what they are allowed", pytest.mark.fault("access denied")),
    refused.certificate: ("set CUSTOM_CA", pytest.mark.fault("certificate nobody trusts")),
    refused.https_to_an_http_port: ("write http://", pytest.mark.fault("https to a port that speaks http")),
    refused.http_to_an_https_port: ("https", pytest.mark.fault("http to a port that speaks https")),
    refused.bucket_name: ("bucket's name", pytest.mark.fault("invalid bucket name")),
    refused.short_bucket_name: ("bucket's name", pytest.mark.fault("bucket name too short")),
}
"""What is wrong, what the message says about it, and the row of the table."""

READ_ONLY = ["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"]


@dataclass(frozen=True)
class Refusal:
    """Settings the backend refuses, and what the mover should make of that."""

    settings: Mapping[str, str]
    advice: str
    verdict: int


def of_these(*wrong: Wrong) -> pytest.MarkDecorator:
    parameters = [pytest.param(one, marks=REFUSED[one][1], id=one.__name__) for one in wrong]
    return pytest.mark.parametrize("refusal", parameters, indirect=True)


@pytest.fixture(params=["us-east-1", ""], ids=["with region", "without region"])
def region(request: pytest.FixtureRequest) -> str:
    """Told a region restic asks for objects at once, else for the bucket first: other requests meet the same fault."""
    return str(request.param)


@pytest.fixture
def refusal(request: pytest.FixtureRequest, kept: Kept, region: str, verdict: int) -> Refusal:
    wrong: Wrong = request.param
    return Refusal({**wrong(kept), "AWS_DEFAULT_REGION": region}, REFUSED[wrong][0], verdict)


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


def is_told_in_time(result: Result, advice: str) -> None:
    assert advice in result.message
    assert result.message.endswith(".")
    assert seconds(result) <= DEADLINE, "restic itself would go on for a quarter of an hour"


class TestSettingsTheBackendRefuses:
    @of_these(*REFUSED)
    def test_end_a_backup_in_time_and_touch_nothing(self, mover: Mover, kept: Kept, refusal: Refusal) -> None:
        before = kept.plain.objects(kept.bucket)
        result = mover.fails(refusal.verdict, "backup", **refusal.settings)
        is_told_in_time(result, refusal.advice)
        assert result.outcome["restic"]["processes"] <= 2, "its version, and one that was refused"
        assert kept.plain.objects(kept.bucket) == before

    @of_these(*REFUSED)
    def test_end_a_restore_in_time_though_nothing_to_restore_would_be_fine(
        self, mover: Mover, refusal: Refusal, tmp_path: Path
    ) -> None:
        target = tmp_path / "target"
        result = mover.into(target).fails(refusal.verdict, "restore", RESTORE_MISSING="continue", **refusal.settings)
        is_told_in_time(result, refusal.advice)
        assert list(target.iterdir()) == [], "an empty volume is never handed over as a success"

    @of_these(refused.secret_key, refused.certificate, refused.bucket_name)
    def test_are_told_by_the_oldest_restic_too(self, mover: Mover, refusal: Refusal, oldest: Path) -> None:
        result = mover.with_restic(oldest).fails(refusal.verdict, "backup", **refusal.settings)
        is_told_in_time(result, refusal.advice)

    def test_are_all_that_was_wrong(self, mover: Mover, kept: Kept) -> None:
        settings = {**kept.settings(kept.tls), "CUSTOM_CA": str(kept.tls.authority)}
        mover.succeeds("backup", "prune", **settings)


class TestAServerThatIsNone:
    @pytest.mark.fault("https to a port that speaks something else")
    def test_is_told_where_its_answer_is_no_tls(self, mover: Mover, kept: Kept, region: str, verdict: int) -> None:
        with faulty.plain_http_behind_https() as address:
            settings = kept.settings(kept.plain.at(address))
            result = mover.fails(verdict, "backup", **{**settings, "AWS_DEFAULT_REGION": region})
        is_told_in_time(result, "write http://")


class TestAMissingBucket:
    @pytest.mark.fault("no bucket, or no repository in it")
    def test_is_told_by_a_restore(self, mover: Mover, kept: Kept, region: str, verdict: int) -> None:
        settings = {**kept.settings(kept.plain, f"missing-{secrets.token_hex(6)}"), "AWS_DEFAULT_REGION": region}
        is_told_in_time(mover.fails(verdict, "restore", **settings), "check RESTIC_REPOSITORY")

    @pytest.mark.fault("no bucket, or no repository in it")
    def test_is_not_made_anew_by_a_backup_that_knows_of_a_snapshot(
        self, mover: Mover, kept: Kept, verdict: int
    ) -> None:
        bucket = f"removed-{secrets.token_hex(6)}"
        settings = kept.settings(kept.plain, bucket)
        mover.succeeds("backup", **settings)
        with kept.plain.client() as client:
            for name in kept.plain.objects(bucket):
                client.remove_object(bucket, name)
            client.remove_bucket(bucket)
        is_told_in_time(mover.fails(verdict, "backup", **settings), "find out what happened to it")
        with kept.plain.client() as client:
            assert not client.bucket_exists(bucket)

    @pytest.mark.fault("access denied")
    def test_that_may_not_be_made_is_told(self, mover: Mover, kept: Kept, region: str, verdict: int) -> None:
        bucket = f"forbidden-{secrets.token_hex(6)}"
        user = kept.plain.user(bucket, READ_ONLY)
        result = mover.fails(verdict, "backup", **{**kept.settings(user, bucket), "AWS_DEFAULT_REGION": region})
        is_told_in_time(result, "what they are allowed")


class TestAUserWhoMayOnlyRead:
    @pytest.mark.fault("access denied")
    def test_can_t_back_up(self, mover: Mover, kept: Kept, verdict: int) -> None:
        result = mover.fails(verdict, "backup", **kept.settings(kept.plain.user(kept.bucket, READ_ONLY)))
        is_told_in_time(result, "what they are allowed")

    def test_can_see_what_there_is(self, mover: Mover, kept: Kept) -> None:
        user = kept.settings(kept.plain.user(kept.bucket, READ_ONLY))
        assert "volsync" in mover.run("snapshots", **user).text
