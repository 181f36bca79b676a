"""The mover's main job on a real S3 server: back up, keep, prune, restore, show."""

import json
import secrets
from pathlib import Path

import pytest

from integration.servers.s3 import S3Server
from mover.warning_reasons import WarningReason
from tests.support import volumes
from tests.support.mover_process import TOOLS, Mover


@pytest.fixture
def bucket() -> str:
    """The name of a bucket that does not exist yet."""
    return f"bucket-{secrets.token_hex(6)}"


@pytest.fixture
def mover(s3: S3Server, bucket: str, tmp_path: Path) -> Mover:
    """A mover with a volume of everything, that keeps its snapshots in the bucket."""
    volumes.varied(tmp_path / "data")
    settings = {**s3.environment(), "RESTIC_REPOSITORY": s3.repository(bucket, "prefix")}
    return Mover(tmp_path, tmp_path / "data", TOOLS, settings)


def buckets(server: S3Server) -> set[str]:
    with server.client() as client:
        return {bucket.name for bucket in client.list_buckets()}


def test_a_backup_creates_its_bucket_and_a_restore_brings_the_volume_back(
    mover: Mover, s3: S3Server, bucket: str, tmp_path: Path
) -> None:
    assert bucket not in buckets(s3)
    first = mover.succeeds("backup", RETAIN_LAST="2", PRUNE_INTERVAL_DAYS="7")
    assert first.operations == [("backup", "done"), ("forget", "done")], "nothing to be pruned for a week"
    assert "prefix/config" in s3.objects(bucket, "prefix/")

    (mover.data / "new").write_bytes(b"new")
    second = mover.succeeds("backup", RETAIN_LAST="2", PRUNE_INTERVAL_DAYS="7")
    assert second.outcome["snapshot"]["new"] == 1
    assert second.outcome["restic"]["processes"] == 2

    (mover.data / "new").unlink()
    third = mover.succeeds("backup", RETAIN_LAST="2", PRUNE_INTERVAL_DAYS="0")
    assert third.operations == [("backup", "done"), ("forget", "done"), ("prune", "done")]
    snapshots = s3.objects(bucket, "prefix/snapshots/")
    assert {Path(name).name for name in snapshots} == {run.outcome["snapshot"]["id"] for run in (second, third)}, (
        "the two that RETAIN_LAST keeps"
    )

    restored = mover.into(tmp_path / "restored").succeeds("restore")
    assert restored.outcome["restored"]["id"] == third.outcome["snapshot"]["id"]
    assert volumes.differences(mover.data, tmp_path / "restored") == []


def test_snapshots_and_status_are_shown_as_tables_and_as_json(mover: Mover, s3: S3Server) -> None:
    saved = mover.succeeds("backup", "prune", BACKUP_TAGS="nightly").outcome["snapshot"]

    head, row = mover.run("snapshots").text.splitlines()
    assert head.split() == ["ID", "TIME", "HOST", "PATH", "FILES", "SIZE", "TAGS"]
    assert row.split()[:4] == [saved["id"][:8], saved["time"], "volsync", str(mover.data)]
    assert row.split()[-1] == "nightly"
    (snapshot,) = json.loads(mover.run("snapshots", "--json").text)
    assert (snapshot["id"], snapshot["tags"]) == (saved["id"], ["nightly"])

    status = mover.run("status", PRUNE_INTERVAL_DAYS="7").text
    assert any({saved["id"][:8], saved["time"]} <= set(line.split()) for line in status.splitlines())
    facts = json.loads(mover.run("status", "--json", PRUNE_INTERVAL_DAYS="0").text)
    assert facts["lastComplete"]["id"] == saved["id"]
    assert facts["pruneDue"] == "now"
    assert s3.secret_key not in status + json.dumps(facts)


def test_a_restore_never_creates_a_missing_bucket(mover: Mover, s3: S3Server, bucket: str, tmp_path: Path) -> None:
    result = mover.into(tmp_path / "restored").fails(10, "restore")
    assert "RESTIC_REPOSITORY" in result.message
    assert bucket not in buckets(s3)


def test_restore_missing_continue_accepts_a_missing_bucket(
    mover: Mover, s3: S3Server, bucket: str, tmp_path: Path
) -> None:
    result = mover.into(tmp_path / "restored").succeeds("restore", RESTORE_MISSING="continue")
    assert result.reasons == [WarningReason.NOTHING_RESTORED]
    assert "RESTIC_REPOSITORY" in result.warnings
    assert bucket not in buckets(s3)


def test_a_missing_bucket_has_nothing_to_prune_or_unlock(mover: Mover, s3: S3Server, bucket: str) -> None:
    assert mover.succeeds("unlock", "prune").operations == [("unlock", "done"), ("prune", "done")]
    assert bucket not in buckets(s3)


def test_repository_init_never_does_not_create_a_missing_bucket(mover: Mover, s3: S3Server, bucket: str) -> None:
    assert "RESTIC_REPOSITORY" in mover.fails(10, "backup", REPOSITORY_INIT="never").message
    assert bucket not in buckets(s3)


def test_listing_the_snapshots_of_a_missing_bucket_fails(mover: Mover) -> None:
    result = mover.run("snapshots")
    assert (result.exit_code, result.text) == (10, "")
    assert result.errors.startswith("mover: ")
    assert "RESTIC_REPOSITORY" in result.errors


def test_a_bucket_that_had_a_snapshot_is_never_created_again(mover: Mover, s3: S3Server, bucket: str) -> None:
    saved = mover.succeeds("backup").outcome["snapshot"]["id"]
    with s3.client() as client:
        for name in s3.objects(bucket):
            client.remove_object(bucket, name)
        client.remove_bucket(bucket)
    for operation in ("backup", "restore", "prune"):
        assert saved[:8] in mover.fails(10, operation).message
    assert bucket not in buckets(s3)


def test_the_first_backup_creates_the_repository_in_an_empty_bucket(mover: Mover, s3: S3Server, bucket: str) -> None:
    s3.make_bucket(bucket)
    mover.fails(10, "restore")
    mover.succeeds("backup")
    assert len(s3.objects(bucket, "prefix/snapshots/")) == 1


def test_wrong_credentials_are_refused_and_not_shown(mover: Mover) -> None:
    result = mover.fails(21, "backup", AWS_SECRET_ACCESS_KEY="a wrong one")
    assert result.operations == [("backup", "refused")]
    assert "a wrong one" not in result.text
