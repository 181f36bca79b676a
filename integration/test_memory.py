"""Memory limits that the kernel enforces: restic keeps to them, and an OOM kill is reported with sizes."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mover.warning_reasons import WarningReason
from tests.support.fake_restic import Recorder, fake_restic
from tests.support.memory_group import MemoryGroup, memory_group
from tests.support.mover_process import PASSWORD, Mover, wait_until
from tests.support.quick_key import OF_128_MEBIBYTES, quicken

MEBI = 1024 * 1024
TOO_LITTLE = 96 * MEBI
ENOUGH = 512 * MEBI

pytestmark = [pytest.mark.needs("root"), pytest.mark.needs("memory groups")]


@pytest.fixture
def little() -> Iterator[MemoryGroup]:
    with memory_group(TOO_LITTLE) as group:
        yield group


@pytest.fixture
def enough() -> Iterator[MemoryGroup]:
    with memory_group(ENOUGH) as group:
        yield group


def test_the_memory_limit_is_passed_to_restic(mover: Mover, enough: MemoryGroup) -> None:
    recorder = Recorder(mover.folder, mover.search_path / "restic")
    limited = replace(mover, search_path=recorder.search_path, launcher=enough.launcher)
    limited.succeeds("backup")
    limits = {int(environment["GOMEMLIMIT"]) for environment in recorder.environments}
    assert all(ENOUGH / 2 < limit < ENOUGH for limit in limits)


@pytest.mark.fault("restic OOM-killed")
def test_an_oom_killed_restic_is_reported_with_its_memory_limit(
    mover: Mover, little: MemoryGroup, exit_code: int
) -> None:
    quicken(mover.repository, PASSWORD, OF_128_MEBIBYTES)
    result = replace(mover, launcher=little.launcher).fails(exit_code, "backup")
    assert re.findall(r"[\d.]+ MiB", result.message)[1:] == ["96.0 MiB"], "its peak, and the limit"
    assert result.outcome["restic"]["peakRSSBytes"] > 0
    assert mover.succeeds("backup", "prune").operations == [("backup", "done"), ("prune", "done")]


@pytest.mark.fault("mover and restic OOM-killed")
def test_the_next_run_reports_that_the_mover_was_oom_killed(mover: Mover, enough: MemoryGroup, exit_code: int) -> None:
    endless = mover.with_restic(fake_restic(mover.folder, backup=f"touch {mover.folder}/began; sleep 300"))
    process = replace(endless, launcher=enough.launcher).start("backup")
    wait_until((mover.folder / "began").exists, "restic runs")
    enough.kill_all()
    assert mover.ended(process).exit_code == -9
    result = mover.run("backup")
    assert result.exit_code == exit_code
    assert result.reasons == [WarningReason.UNFINISHED_RUN]
    assert "512.0 MiB" in result.warnings
    assert mover.succeeds("backup").warnings == "", "it is reported once"
