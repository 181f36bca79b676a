"""What people see of backups, and of forget and prune after them."""

from pathlib import Path

from tests.support.fake_restic import fake_restic
from tests.support.golden import GoldenFiles, Page
from tests.support.golden_runs import add_run
from tests.support.mover_process import Mover, unreadable


def test_backups(golden: GoldenFiles, fresh: Mover) -> None:
    page = Page("Backups", "What the mover shows of `mover backup`.")
    add_run(page, "A repository that is not there, and may not be created", fresh, "backup", REPOSITORY_INIT="never")
    add_run(page, "The first backup creates the repository", fresh, "backup")
    add_run(page, "Nothing has changed", fresh, "backup", SKIP_IF_UNCHANGED="true")
    (fresh.data / "new").write_text("new")
    add_run(page, "As VolSync reads it", fresh, "backup", PRIVILEGED_MOVER="true")
    (fresh.data / "newer").write_text("newer")
    add_run(page, "As text, with all there is", fresh, "backup", LOG_FORMAT="text", LOG_LEVEL="debug")
    add_run(page, "Every file is excluded", fresh, "backup", BACKUP_EXCLUDE="*")
    empty = fresh.with_volume(fresh.folder / "empty")
    add_run(page, "A volume that is not mounted", empty, "backup")
    empty.data.mkdir()
    add_run(page, "An empty volume", empty, "backup")
    golden.check("backups", page)


def test_partial_backups(golden: GoldenFiles, mover: Mover) -> None:
    page = Page("Backups that read less than everything", "What the mover shows where files can't be read.")
    unreadable(mover.data / "one")
    add_run(page, "A file that can't be read", mover.powerless(), "backup")
    add_run(page, "The same, treated as a success", mover.powerless(), "backup", TREAT_AS_SUCCESS="3")
    unreadable(mover.data / "folder")
    add_run(page, "Nothing can be read", mover.powerless(), "backup")
    unreadable(mover.data)
    add_run(page, "The volume can't be read", mover.powerless(), "backup")
    golden.check("partial-backups", page)


def test_retention(golden: GoldenFiles, history: Mover, tmp_path: Path) -> None:
    page = Page("Forget and prune", "What the mover shows of forget and prune, after a backup and by themselves.")
    forgetting = history.with_settings(RETAIN_LAST="2")
    add_run(page, "Old snapshots are forgotten", forgetting, "backup")
    add_run(page, "Nothing is left to forget, and prune is not due", forgetting, "backup", PRUNE_INTERVAL_DAYS="7")
    add_run(page, "Prune is due", forgetting, "backup", PRUNE_INTERVAL_DAYS="0")
    add_run(page, "A requested prune", history, "prune")
    add_run(page, "Prune in a chain", forgetting, "backup", "prune")
    add_run(page, "restic refuses the policy", history, "backup", FORGET_OPTIONS="--keep-last=1 --no-such")
    nowhere = history.with_settings(RESTIC_REPOSITORY=str(tmp_path / "nowhere"))
    add_run(page, "There is no repository to prune", nowhere, "prune")
    real = history.search_path / "restic"
    failing = fake_restic(history.folder, forget="echo 'Fatal: not today' >&2; exit 1", **{"*": f'exec {real} "$@"'})
    add_run(page, "Forget fails", forgetting.with_restic(failing), "backup")
    golden.check("retention", page)
