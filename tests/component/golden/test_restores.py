"""What people see of restores."""

from tests.support.damage import garbled, largest_pack, newest
from tests.support.golden import GoldenFiles, Page
from tests.support.golden_runs import add_run
from tests.support.mover_process import Mover, unreadable


def test_restores(golden: GoldenFiles, history: Mover) -> None:
    page = Page("Restores", "What the mover shows of `mover restore`.")
    mover = history.into(history.folder / "target")
    add_run(page, "The latest snapshot", mover, "restore")
    add_run(page, "The same once more", mover, "restore")
    (mover.data / "more").write_text("more")
    add_run(page, "As of a time, with what is not in it deleted", mover, "restore", **AS_OF, RESTORE_OPTIONS="--delete")
    add_run(page, "As VolSync reads it", mover, "restore", PRIVILEGED_MOVER="true")
    add_run(page, "Before the first one", mover, "restore", RESTORE_AS_OF="2020-01-01T00:00:00Z")
    add_run(page, "Beyond the oldest one", mover, "restore", SELECT_PREVIOUS="99")
    add_run(page, "An unknown ID", mover, "restore", RESTORE_SNAPSHOT="fffffffffff")
    (known, *_) = history.ids()
    other = mover.with_settings(RESTORE_PATH="/another/volume")
    add_run(page, "The ID of another volume's", other, "restore", RESTORE_SNAPSHOT=known)
    add_run(page, "None of this host", mover, "restore", RESTIC_HOST="another")
    add_run(page, "None of this host, which is fine", mover, "restore", RESTIC_HOST="another", **CONTINUE)
    add_run(page, "None of this host, as VolSync reads it", mover, "restore", RESTIC_HOST="x", PRIVILEGED_MOVER="true")
    golden.check("restores", page)


AS_OF = {"RESTORE_AS_OF": "2026-01-20T00:00:00Z"}
CONTINUE = {"RESTORE_MISSING": "continue"}


def test_failed_restores(golden: GoldenFiles, history: Mover) -> None:
    page = Page("Restores that fail", "What the mover shows where a restore is not whole.")
    mover = history.into(history.folder / "target").powerless()
    nowhere = mover.with_settings(RESTIC_REPOSITORY=str(mover.folder / "nowhere"))
    add_run(page, "There is no repository", nowhere, "restore")
    add_run(page, "There is no repository, which is fine", nowhere, "restore", **CONTINUE)
    (mover.data / "folder").mkdir()
    unreadable(mover.data / "folder")
    add_run(page, "A folder of the volume can't be written", mover, "restore")
    mover.data.chmod(0o555)
    add_run(page, "The volume can't be written", mover, "restore")
    mover.data.chmod(0o755)
    target = history.into(history.folder / "another")
    garbled(newest(history.repository / "snapshots"))
    add_run(page, "A snapshot that can't be read", target, "restore")
    garbled(largest_pack(history.repository))
    add_run(page, "A pack that is damaged", target, "restore")
    golden.check("failed-restores", page)
