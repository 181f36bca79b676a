"""Check: restic's own check of the repository, with a part of its data read each time, and a test restore.

Reading everything at once takes too long for most repositories, so the parts rotate (``state/check_rotation.py``).
"""

import logging
from dataclasses import replace

from mover.config.operation import Operation
from mover.exit_codes import ExitCode, Failure
from mover.operations import verify
from mover.operations.context import OperationContext
from mover.platform import scratch
from mover.platform.units import count
from mover.reporting.operation_result import Checked, OperationResult, done
from mover.restic.errors.classify import classify_damage
from mover.restic.parsers import CheckOutput
from mover.restic.phrases import is_snapshot_file_error

log = logging.getLogger(__name__)

MOST_LOGGED = 100
"""Broken packs that are named in the log."""
MOST_IN_MESSAGE = 2
"""Broken packs that are named in the failure's message: each has 64 digits."""


def run(context: OperationContext) -> tuple[OperationResult]:
    """Check the repository, recording each part after it succeeded.

    Raises:
        Failure: ``DAMAGED`` if something was found; else the check could not be done, and nothing is kept.
    """
    subsets = context.settings.check.subsets
    part = context.state.rotation.next_part(subsets) if subsets else None
    subset = f"{part}/{subsets}" if part else None
    log.info("checking the repository, %s", f"reading {subset} of its data" if subset else "not reading its data")
    with scratch.folder(context.settings.cache) as folder:
        output = context.repository.check(subset, folder)
    if output.errors:
        raise _damaged(output)
    if part:
        context.state.rotation.record(part, subsets, context.clock.now())
        context.store.save()
    verified = verify.run(context)
    return (_record(context, subset, verified),)


def _record(context: OperationContext, subset: str | None, verified: str) -> OperationResult:
    """Keep that the check has succeeded, the test restore included."""
    now = context.clock.now()
    context.state.checked = now
    context.store.note_exclusive_lock()
    context.store.save()
    read = f" with {subset} of the data read" if subset else ""
    message = f"repository checked{read}, no errors found{verified}"
    log.info(message)
    return replace(done(Operation.CHECK, message), checked=Checked(now, subset, context.volume.verified))


def _damaged(output: CheckOutput) -> Failure:
    """Say what restic found and which of its commands repairs it (restic manual, "Troubleshooting")."""
    for pack in output.broken_packs[:MOST_LOGGED]:
        log.error("broken pack %s", pack)
    if is_snapshot_file_error(output.first) and (snapshot := classify_damage(output.first)):
        return snapshot
    packs = f", {count(len(output.broken_packs), 'broken pack')}" if output.broken_packs else ""
    found = f"Repository is damaged: restic check found {count(output.errors, 'error')}{packs}"
    commands = " and then ".join(f"`{command}`" for command in _repair(output))
    return Failure(ExitCode.DAMAGED, f"{found}; run {commands}, see docs/check.md. First error: {output.first}")


def _repair(output: CheckOutput) -> list[str]:
    if output.suggest_repair_index:
        return ["restic repair index", "restic check"]
    if output.broken_packs:
        more = " …" if len(output.broken_packs) > MOST_IN_MESSAGE else ""
        packs = " ".join(output.broken_packs[:MOST_IN_MESSAGE])
        return [f"restic repair packs {packs}{more}", "restic repair snapshots --forget"]
    return ["restic repair index", "mover backup", "restic repair snapshots --forget"]
