"""Memory limits that the kernel enforces: restic keeps to them, and where it is killed that is told, with sizes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.fake_restic import Recorder, fake_restic
from tests.memory_group import MemoryGroup, memory_group
from tests.mover_process import PASSWORD, Mover, wait_until
from tests.quick_key import OF_128_MEBIBYTES, quicken

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


class TestAMemoryLimit:
    def test_is_told_to_restic(self, mover: Mover, enough: MemoryGroup) -> None:
        recorder = Recorder(mover.folder, mover.search_path / "restic")
        limited = replace(mover, search_path=recorder.search_path, launcher=enough.launcher)
        limited.succeeds("backup")
        limits = {int(environment["GOMEMLIMIT"]) for environment in recorder.environments}
        assert all(ENOUGH / 2 < limit < ENOUGH for limit in limits)

    @pytest.mark.fault("restic killed for want of memory")
    def test_that_restic_exceeds_is_told_with_its_size(self, mover: Mover, little: MemoryGroup, verdict: int) -> None:
        quicken(mover.repository, PASSWORD, OF_128_MEBIBYTES)
        result = replace(mover, launcher=little.launcher).fails(verdict, "backup")
        assert "the memory limit is 96.000 MiB; give it more" in result.message
        assert "it had " in result.message
        assert result.outcome["restic"]["peakRSSBytes"] > 0
        assert mover.succeeds("backup", "prune").operations == [("backup", "done"), ("prune", "done")]

    @pytest.mark.fault("mover killed along with restic")
    def test_that_takes_the_mover_along_is_told_by_the_next_run(
        self, mover: Mover, enough: MemoryGroup, verdict: int
    ) -> None:
        endless = mover.with_restic(fake_restic(mover.folder, backup=f"touch {mover.folder}/began; sleep 300"))
        process = replace(endless, launcher=enough.launcher).start("backup")
        wait_until((mover.folder / "began").exists, "restic runs")
        enough.kill_all()
        assert mover.ended(process).exit_code == -9
        result = mover.run("backup")
        assert result.exit_code == verdict
        assert "did not end: it was killed (for want of memory, if its limit of 512.000 MiB" in result.warnings
        assert mover.succeeds("backup").warnings == "", "it is told once"
