"""What people see of locks, checks and reports."""

import shutil
import signal

from tests.support import damage
from tests.support.golden import GoldenFiles, Page
from tests.support.golden_runs import add_result, add_run
from tests.support.killed_runs import add_unfinished_run, holder, leave_stale_lock
from tests.support.mover_process import Mover
from tests.support.running_mover import running_mover

ONE_SECOND = {"LOCK_TIMEOUT": "1s"}


def test_locks(golden: GoldenFiles, mover: Mover) -> None:
    page = Page("Locks", "What the mover shows of locks in the repository, and of `mover unlock`.")
    nowhere = mover.with_settings(RESTIC_REPOSITORY=str(mover.folder / "nowhere"))
    add_run(page, "Unlock without a repository", nowhere, "unlock")
    add_run(page, "Unlock without a lock", mover, "unlock")
    with holder(mover):
        add_run(page, "Another process holds a lock: check", mover, "check", **ONE_SECOND)
        add_run(page, "Another process holds a lock: forget", mover, "backup", RETAIN_LAST="1", **ONE_SECOND)
        add_run(page, "Unlock while another process holds a lock", mover, "unlock")
    leave_stale_lock(mover)
    add_run(page, "A lock of an unknown process", mover, "check", **ONE_SECOND)
    add_unfinished_run(mover)
    add_run(page, "The lock of a run that was killed", mover, "check")
    add_run(page, "Prune is due after locks were removed", mover, "backup", RETAIN_LAST="1", PRUNE_INTERVAL_DAYS="0")
    with running_mover(mover, "prune") as run:
        run.says("prune-waits")
        run.signal(signal.SIGTERM)
        add_result(page, "A requested prune waits after locks were removed", mover, run.ends(), "prune")
    leave_stale_lock(mover)
    add_run(page, "Unlock with a stale lock", mover, "unlock")
    golden.check("locks", page)


def test_checks(golden: GoldenFiles, mover: Mover) -> None:
    page = Page("Checks", "What the mover shows of `mover check`.")
    nowhere = mover.with_settings(RESTIC_REPOSITORY=str(mover.folder / "nowhere"))
    add_run(page, "No repository", nowhere, "check")
    add_run(page, "No snapshot to restore files of", mover, "check", VERIFY_SAMPLE_FILES="2")
    mover.succeeds("backup")
    add_run(page, "A sound repository", mover, "check")
    add_run(page, "A part of the data, and restored files", mover, "check", CHECK_SUBSETS="3", VERIFY_SAMPLE_FILES="2")
    add_run(page, "Due after a backup", mover, "backup", CHECK_INTERVAL_DAYS="0")
    damage.garble(damage.largest_pack(mover.repository), 5)
    add_run(page, "Damage found by a restore of files", mover, "check", VERIFY_SAMPLE_FILES="9")
    add_run(page, "Damage found in the data", mover, "check", CHECK_SUBSETS="1")
    add_run(page, "Damage found after a backup", mover, "backup", CHECK_INTERVAL_DAYS="0", CHECK_SUBSETS="1")
    damage.gone(damage.newest(mover.repository / "index"))
    add_run(page, "Damage found in the structure", mover, "check")
    golden.check("checks", page)


def test_reports(golden: GoldenFiles, history: Mover) -> None:
    page = Page("Reports", "What `mover status`, `mover snapshots` and `mover --version` show.")
    add_run(page, "Status before the first run", history, "status")
    history.succeeds("backup", "prune", "check", CHECK_SUBSETS="2", VERIFY_SAMPLE_FILES="2")
    add_run(page, "Status", history, "status", PRUNE_INTERVAL_DAYS="7", CHECK_INTERVAL_DAYS="0")
    add_run(page, "Status with a prune that is due", history, "status", PRUNE_INTERVAL_DAYS="0")
    add_run(page, "Snapshots", history, "snapshots")
    add_run(page, "Snapshots of a host that has none", history, "snapshots", RESTIC_HOST="another")
    add_run(page, "Snapshots of all hosts", history, "snapshots", "--all", RESTIC_HOST="another")
    nowhere = history.with_settings(RESTIC_REPOSITORY=str(history.folder / "nowhere"))
    add_run(page, "Snapshots without a repository", nowhere, "snapshots")
    add_run(page, "Snapshots with a wrong password", history, "snapshots", RESTIC_PASSWORD="another one")
    add_run(page, "Reports with wrong settings", history, "status", RESTIC_PASSWORD="", DATA_DIR="", LOG_LEVEL="loud")
    damage.garbled(damage.newest(history.repository / "snapshots"))
    for folder in history.cache.glob("?" * 64):
        shutil.rmtree(folder)
    add_run(page, "Snapshots, one of them damaged", history, "snapshots")
    history.marker.write_text("no JSON")
    add_run(page, "Status with an unreadable marker file", history, "status", LOG_FORMAT="text")
    add_run(page, "Versions", history, "--version")
    add_run(page, "Versions without restic", history, "--version", PATH="/nowhere")
    golden.check("reports", page)


def test_usage(golden: GoldenFiles, fresh: Mover) -> None:
    page = Page("Wrong command lines", "What the mover shows where a command line is wrong.")
    for arguments in (
        (),
        ("snapshot",),
        ("bakcup",),
        ("backup", "nonsense"),
        ("backup", "--foo"),
        ("--foo",),
        ("snapshots", "more"),
        ("status", "--all"),
        ("controller",),
        ("controller", "--image=x", "--health=8081"),
        ("controller", "--image=x", "--kubeconfig=/nonexistent/file"),
        ("controller", "--image=x"),
    ):
        add_run(page, " ".join(["mover", *arguments]), fresh, *arguments, HOME="/nonexistent")
    add_run(page, "Wrong settings", fresh, "backup", RETAIN_DAILY="seven", RESTIC_PASSWORD="", LOG_LEVEL="loud")
    golden.check("usage", page)
