"""From a repository that is not there to a restored volume, on each backend."""

from pathlib import Path

import pytest

from integration.backends.conftest import EVERYWHERE
from integration.servers.backend import Backend
from tests.support import volumes
from tests.support.mover_process import Mover

MIB = 1024 * 1024


@pytest.mark.parametrize("backend", EVERYWHERE, indirect=True)
def test_a_volume_is_backed_up_pruned_and_restored(mover: Mover, backend: Backend, tmp_path: Path) -> None:
    (mover.data / "changing").write_bytes(b"a" * MIB)
    assert mover.run("snapshots").exit_code == 10, "there is no repository yet"
    first = mover.succeeds("backup")

    (mover.data / "changing").write_bytes(b"b" * MIB)
    second = mover.succeeds("backup", RETAIN_LAST="1", PRUNE_INTERVAL_DAYS="0")
    assert second.operations == [("backup", "done"), ("forget", "done"), ("prune", "done")]

    restored = mover.into(tmp_path / "restored").succeeds("restore")
    assert restored.outcome["restored"]["id"] == second.outcome["snapshot"]["id"]
    assert volumes.differences(mover.data, tmp_path / "restored") == []
    for run in (first, second, restored):
        assert backend.shown_in(run.text) == [], "a secret was shown"


@pytest.mark.parametrize("backend", EVERYWHERE, indirect=True)
def test_a_missing_repository_is_reported_and_not_created_by_a_restore(mover: Mover) -> None:
    for _ in range(2):
        assert "RESTIC_REPOSITORY" in mover.fails(10, "restore").message
