"""What is loaded at the start: a mover runs every few minutes, and most of its runs are backups."""

import subprocess
import sys

from tests.support.mover_process import Mover

NEEDED_SELDOM = {
    "mover.operations.check",
    "mover.operations.restore",
    "mover.operations.sample",
    "mover.operations.verify",
    "mover.operations.unlock",
    "mover.controller",
    "httpx2",
    "lightkube",
    "yaml",
    "mover.app.snapshots_command",
    "mover.app.status_command",
    "mover.app.version_command",
    "mover.operations.snapshot_choice",
    "ctypes",
    "difflib",
    "psutil",
    "socket",
    "tenacity",
}


RUN = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
from mover.__main__ import main
main()
"""


def loaded(mover: Mover, *arguments: str) -> set[str]:
    """Run the mover and return the names of the modules it has loaded."""
    command = [sys.executable, "-c", RUN, *arguments]
    done = subprocess.run(command, env=mover.environment(), capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_a_backup_loads_nothing_that_it_does_not_need(mover: Mover) -> None:
    modules = loaded(mover, "backup")

    assert "mover.operations.backup" in modules
    assert not modules & NEEDED_SELDOM, "these should be imported where they are needed"


def test_help_loads_no_operation_and_nothing_of_restic(fresh: Mover) -> None:
    modules = loaded(fresh, "--help")

    assert not [name for name in modules if name.startswith(("mover.operations", "mover.app.run"))]
