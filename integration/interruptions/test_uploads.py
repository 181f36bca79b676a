"""What a killed backup had uploaded is found again, so that a first backup completes on a bad link as well."""

import os
from pathlib import Path

import pytest

from integration.interruptions.conftest import BUCKET, settings
from integration.servers.relay import relay
from integration.servers.s3 import S3Server
from mover.warning_reasons import WarningReason
from tests.support.mover_process import Mover
from tests.support.movers import PreparedMovers
from tests.support.restic_versions import both_restics
from tests.support.running_mover import running_mover

MEBI = 1024 * 1024
VOLUME = 128 * MEBI
SLOW = 40 * MEBI
"""Bytes a second."""


@pytest.mark.fault("first backup killed after 75 %")
@both_restics
def test_a_first_backup_killed_at_three_quarters_uploads_at_most_half_again(
    s3: S3Server, prepared_movers: PreparedMovers, restic: str, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_bytes(os.urandom(VOLUME))
    with s3.client() as client:
        if not client.bucket_exists(BUCKET):
            client.make_bucket(BUCKET)
    with relay(s3.endpoint) as between:
        reached = settings(s3.at(between.endpoint), f"uploads-{os.urandom(4).hex()}")
        mover = Mover(tmp_path, tmp_path / "data", prepared_movers.search_path(restic), reached)
        between.throttle(SLOW)
        with running_mover(mover, "backup", RESTIC_COMPRESSION="off") as run:
            between.wait_until_passed(VOLUME * 3 // 4)
            run.kill()
        between.throttle(None)
        before = between.passed

        result = mover.succeeds("backup", RESTIC_COMPRESSION="off")

        assert between.passed - before <= VOLUME // 2
        assert WarningReason.UNFINISHED_RUN in result.reasons
        assert result.outcome["snapshot"]["bytes"] == VOLUME
