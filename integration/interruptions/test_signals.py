"""SIGTERM and SIGINT at every phase of a run: its lock is gone, no process is left, and the result says so."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from integration.interruptions.conftest import BUCKET, Gated, settings
from integration.interruptions.phases import FORGETTING, PRUNING, RESTORING, SAVING, UPLOADING, Phase
from tests.support.restic_versions import NEWEST, OLDEST
from tests.support.running_mover import running_mover

BOTH = [
    pytest.param(signal.SIGTERM, marks=pytest.mark.fault("SIGTERM while restic runs"), id="SIGTERM"),
    pytest.param(signal.SIGINT, marks=pytest.mark.fault("SIGINT while restic runs"), id="SIGINT"),
]
CREATING = Phase("init", "PUT .*/keys/")


@pytest.mark.parametrize("number", BOTH)
@pytest.mark.parametrize(
    ("phase", "restic"),
    [
        *((phase, NEWEST) for phase in (UPLOADING, SAVING, FORGETTING, PRUNING, RESTORING)),
        *((phase, OLDEST) for phase in (UPLOADING, PRUNING)),
    ],
    ids=str,
    indirect=["restic"],
)
def test_a_stopped_run_leaves_neither_lock_nor_process(
    gated: Gated, phase: Phase, number: signal.Signals, exit_code: int, tmp_path: Path
) -> None:
    mover = gated.mover.into(tmp_path / "restored") if phase is RESTORING else gated.mover
    phase.hold(gated)
    with running_mover(mover, *phase.operations, **phase.settings) as run:
        phase.reached(gated, run)
        run.signal(number)
        result = run.ends_with(exit_code)
        assert run.leaves_nothing() == []
    gated.gate.drop()
    assert gated.named("locks") == set()
    assert number.name in result.message
    assert result.operations[-1][1] == ("terminated" if number is signal.SIGTERM else "interrupted")


@pytest.mark.parametrize("number", BOTH)
def test_a_run_stopped_while_it_creates_the_repository_completes_that(
    gated: Gated, number: signal.Signals, exit_code: int
) -> None:
    prefix = f"new-{os.urandom(4).hex()}"
    seen = gated.server.at(gated.gate.endpoint)
    new = replace(gated, mover=replace(gated.mover, settings=settings(seen, prefix)), prefix=prefix)
    CREATING.hold(new)
    with running_mover(new.mover, "backup") as run:
        CREATING.reached(new, run)
        run.signal(number)
        new.gate.open()
        run.ends_with(exit_code)
        assert run.leaves_nothing() == []
    assert f"{prefix}/config" in new.server.objects(BUCKET, f"{prefix}/"), "keys alone could never be used"
    new.mover.succeeds("backup")
