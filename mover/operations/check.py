"""Check: restic's own check of the repository, with a part of its data read each time, and files restored on verify."""

import logging

from mover.app.plan import Step, When
from mover.exit_codes import ExitCode, Failure
from mover.operations import intervals, verify
from mover.operations.context import OperationContext
from mover.platform import scratch
from mover.platform.clock import write_time
from mover.platform.units import count
from mover.restic.errors.classify import damage
from mover.restic.parsers import CheckOutput
from mover.state.check_rotation import write_verified

log = logging.getLogger(__name__)

MOST_LOGGED = 100
"""Broken packs that are named in the log."""
A_SNAPSHOT = "failed to load snapshot"
"""How restic begins what it says of a snapshot's own file, which no repair of index or packs mends."""
MOST_TOLD = 2
"""Broken packs that are named in the failure's sentence: each has 64 digits."""


def perform(run: OperationContext, step: Step) -> str | None:
    """Check the repository, unless that is not intervals.

    Raises:
        Failure: ``DAMAGED`` where something was found; else the check could not be done, and nothing is recorded.
    """
    try:
        if step.when is When.DUE and not is_due(run):
            return None
        return _check(run)
    except Failure as failure:
        if run.nothing_there(failure):
            log.info("there is no repository yet: nothing to check")
            return "nothing to check, as there is no repository yet"
        raise


def is_due(run: OperationContext) -> bool:
    """Whether the check interval has passed since the last check that is known of."""
    return intervals.is_due(run, run.settings.check.interval, run.marker.checked)


def _check(run: OperationContext) -> str:
    """Do all of it, recording each thing only once it is done."""
    subsets = run.settings.check.subsets
    part = run.marker.rotation.next_part(subsets) if subsets else None
    subset = f"{part}/{subsets}" if part else None
    log.info("checking the repository, %s", f"reading {subset} of its data" if subset else "not reading its data")
    with scratch.folder(run.settings.cache) as folder:
        answer = run.repository.check(subset, folder)
    if answer.errors:
        raise _damaged(answer)
    if part:
        run.marker.rotation.record(part, subsets, run.clock.now())
        run.record.remember()
    verified = verify.restore(run)
    return _record(run, subset, verified)


def _record(run: OperationContext, subset: str | None, verified: str) -> str:
    """Note that the check has succeeded, the trial restore among it."""
    run.marker.checked = run.clock.now()
    run.record.had_an_exclusive_lock()
    run.record.remember()
    run.outcome.checked = {
        "time": write_time(run.marker.checked),
        "subset": subset,
        "lastVerified": write_verified(run.memory.verified),
    }
    read = f" with {subset} of the data read" if subset else ""
    told = f"repository checked{read}, no errors found{verified}"
    log.info(told)
    return told


def _damaged(answer: CheckOutput) -> Failure:
    """Say what restic found and which of its commands mends it (restic manual, «Troubleshooting»)."""
    for pack in answer.broken_packs[:MOST_LOGGED]:
        log.error("broken pack %s", pack)
    if A_SNAPSHOT in answer.first and (snapshot := damage(answer.first)):
        return snapshot
    packs = f", {count(len(answer.broken_packs), 'broken pack')}" if answer.broken_packs else ""
    found = f"The repository is damaged: restic check found {count(answer.errors, 'error')}{packs}"
    commands = " and then ".join(f"`{command}`" for command in _repair(answer))
    return Failure(ExitCode.DAMAGED, f"{found}. Run {commands}, see docs/check.md. First: {answer.first}")


def _repair(answer: CheckOutput) -> list[str]:
    if answer.suggest_repair_index:
        return ["restic repair index", "restic check"]
    if answer.broken_packs:
        more = " …" if len(answer.broken_packs) > MOST_TOLD else ""
        packs = " ".join(answer.broken_packs[:MOST_TOLD])
        return [f"restic repair packs {packs}{more}", "restic repair snapshots --forget"]
    return ["restic repair index", "mover backup", "restic repair snapshots --forget"]
