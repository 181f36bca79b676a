"""What killed runs leave behind: locks in the repository, made by real restic, and entries in the journal."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mover.config.repository_location import RepositoryLocation
from mover.config.secrets import Secret
from mover.state.marker_file import MarkerFile
from mover.state.run_journal import this_run
from tests.support.mover_process import PASSWORD, SECONDS, Mover, wait_until

ANOTHER_BOOT = "00000000-0000-4000-8000-000000000000"
SHARED = ("backup", "--quiet", "--host=somebody", "--stdin")
"""Arguments of a restic that holds a shared lock as long as its stdin is open."""
EXCLUSIVE = ("prune",)


def locks(mover: Mover) -> set[str]:
    """Return the ids of the locks in the repository; until it is whole, a lock has a longer name."""
    return {path.name for path in (mover.repository / "locks").glob("?" * 64)}


@contextmanager
def holder(mover: Mover, arguments: Sequence[str] = SHARED, host: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Run a restic with a lock for the length of a block; on another `host` by name, which takes root."""
    before = locks(mover)
    renamed = ("unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', host) if host else ()
    process = subprocess.Popen(
        [*renamed, mover.search_path / "restic", "--no-cache", *arguments],
        env={"RESTIC_REPOSITORY": str(mover.repository), "RESTIC_PASSWORD": PASSWORD, "PATH": os.defpath},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: bool(locks(mover) - before), "the lock of another restic is there")
        yield process
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)


def leave_stale_lock(mover: Mover, arguments: Sequence[str] = SHARED, host: str = "") -> str:
    """Kill a restic that holds a lock; return the lock's id."""
    before = locks(mover)
    with holder(mover, arguments, host):
        pass
    (left,) = locks(mover) - before
    return left


def add_unfinished_run(mover: Mover, operation: str = "check", *, host: str = "", boot: str = "") -> None:
    """Write a run into the journal that began an hour ago and did not end."""
    began = datetime.now(UTC) - timedelta(hours=1)
    run = this_run(began, [operation])
    mover.cache.mkdir(exist_ok=True)
    file = MarkerFile(mover.cache, RepositoryLocation(Secret(str(mover.repository)), "").id)
    marker, _ = file.load(began)
    marker.runs.append(replace(run, host=host or run.host, boot=boot or run.boot))
    file.save(marker)
