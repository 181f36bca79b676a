"""Runs killed half-way: the next one recovers by itself, and nothing that was saved is lost."""

import os
import random
import secrets
from pathlib import Path

import pytest

from integration.interruptions.conftest import Gated
from integration.interruptions.phases import (
    FORGETTING,
    INDEXING,
    KEEP_ONE,
    LOCKING,
    PRUNE_EACH_TIME,
    PRUNING,
    RESTORING,
    SAVING,
    UNLOCKING,
    UPLOADING,
    Phase,
)
from mover.warning_reasons import WarningReason
from tests.support import volumes
from tests.support.mover_process import Result, wait_until
from tests.support.restic_versions import NEWEST, OLDEST
from tests.support.running_mover import running_mover

REQUESTS = 35
"""About as many as a backup with forget and prune makes."""


def recovers(gated: Gated) -> Result:
    """Assert that the next run ends well and finds a sound repository, no lock and a true marker; return it."""
    before = gated.named("snapshots")
    result = gated.mover.succeeds("backup", **PRUNE_EACH_TIME)
    saved = result.outcome["snapshot"]["id"]
    assert gated.named("snapshots") == before | {saved}, "no snapshot is lost"
    assert gated.named("locks") == set()
    gated.restic("check", "--read-data")
    remembered = gated.read_marker()
    (volume,) = remembered["volumes"].values()
    assert volume["snapshot"]["id"] == volume["complete"]["id"] == saved
    assert (remembered["uploading"], remembered["runs"]) == (False, [])
    if remembered["unlocked"]:
        assert result.outcome["pruned"] is None, "after locks were removed nothing is pruned for some minutes"
    return result


def kill_at(gated: Gated, phase: Phase, *, after: bool = False) -> None:
    """Kill mover and restic at a point of a run."""
    phase.hold(gated, after=after)
    with running_mover(gated.mover, *phase.operations, **phase.settings) as run:
        phase.reached(gated, run)
        run.kill()
        gated.gate.drop()


@pytest.mark.fault("mover and restic killed in a backup, forget or prune")
@pytest.mark.parametrize(
    ("phase", "restic"),
    [
        *((phase, NEWEST) for phase in (LOCKING, UPLOADING, INDEXING, SAVING, UNLOCKING, FORGETTING, PRUNING)),
        *((phase, OLDEST) for phase in (UPLOADING, PRUNING)),
    ],
    ids=str,
    indirect=["restic"],
)
def test_a_pod_killed_before_the_backend_acted_is_recovered_from(gated: Gated, phase: Phase) -> None:
    saved = gated.named("snapshots")
    kill_at(gated, phase)
    assert phase.settings or gated.named("snapshots") >= saved, "only a policy takes snapshots away"
    assert WarningReason.UNFINISHED_RUN in recovers(gated).reasons


@pytest.mark.parametrize("phase", [SAVING, FORGETTING, PRUNING], ids=str)
def test_a_pod_killed_after_the_backend_acted_is_recovered_from(gated: Gated, phase: Phase) -> None:
    kill_at(gated, phase, after=True)
    recovers(gated)


def test_a_pod_killed_at_any_instant_is_recovered_from(gated: Gated) -> None:
    seed = int(os.environ.get("KILL_SEED", secrets.randbelow(1_000_000)))
    print(f"KILL_SEED={seed}")  # noqa: T201  shown if the test fails
    chance = random.Random(seed)  # noqa: S311  an instant, no secret
    number = chance.randrange(REQUESTS)
    gated.gate.hold(lambda _method, _path, seen: seen == number, after=chance.random() < 0.5)
    with running_mover(gated.mover, "backup", **KEEP_ONE, **PRUNE_EACH_TIME) as run:
        wait_until(lambda: gated.gate.holds or run.process.poll() is not None, f"request {number} is made")
        run.kill()
        gated.gate.drop()
    recovers(gated)


@pytest.mark.fault("mover and restic killed in a restore")
def test_a_pod_killed_in_a_restore_is_recovered_from(gated: Gated, tmp_path: Path) -> None:
    gated.mover.succeeds("backup")
    restoring = gated.mover.into(tmp_path / "restored")
    RESTORING.hold(gated)
    with running_mover(restoring, "restore") as run:
        RESTORING.reached(gated, run)
        run.kill()
        gated.gate.drop()
    assert volumes.differences(gated.mover.data, restoring.data) != []

    result = restoring.succeeds("restore")

    assert result.outcome["restored"]["complete"] is True
    assert volumes.differences(gated.mover.data, restoring.data) == []
    gated.mover.succeeds("backup", RETAIN_LAST="9")
    assert gated.named("locks") == set(), "a restore gets along with the lock, the next forget removes it"


@pytest.mark.fault("mover killed alone")
@pytest.mark.parametrize("phase", [UPLOADING, PRUNING], ids=str)
def test_the_next_run_waits_for_the_restic_of_a_killed_mover(gated: Gated, phase: Phase) -> None:
    phase.hold(gated)
    with running_mover(gated.mover, *phase.operations, **phase.settings) as first:
        phase.reached(gated, first)
        restic = first.restic()
        first.kill(restic=False)
        with running_mover(gated.mover, "backup") as second:
            second.says("LOCK_TIMEOUT")
            assert restic.is_running()
            gated.gate.open()
            assert second.ends_with(0).outcome["snapshot"]
    recovers(gated)


@pytest.mark.fault("restic killed in a backup")
def test_restic_killed_in_a_backup_is_reported_at_once(gated: Gated, exit_code: int) -> None:
    kill_restic_at(gated, UPLOADING, exit_code)
    recovers(gated)


@pytest.mark.fault("restic killed in a forget or prune")
@pytest.mark.parametrize("phase", [FORGETTING, PRUNING], ids=str)
def test_restic_killed_in_forget_or_prune_does_not_undo_the_backup(gated: Gated, phase: Phase, exit_code: int) -> None:
    kill_restic_at(gated, phase, exit_code)
    recovers(gated)


def kill_restic_at(gated: Gated, phase: Phase, code: int) -> None:
    """Kill restic alone at a point of a run, which ends with a code of its own."""
    phase.hold(gated)
    with running_mover(gated.mover, *phase.operations, **phase.settings) as run:
        phase.reached(gated, run)
        run.restic().kill()
        result = run.ends_with(code)
        gated.gate.drop()
    assert result.outcome["exitCode"] == code
    assert "OOM" in result.message
    assert gated.named("locks"), "its lock is left"
