"""What people see where volumes are small, or owners can't be kept: what only root can set up."""

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.fake_restic import fake_restic
from tests.support.golden import GoldenFiles, Page
from tests.support.golden_runs import add_run
from tests.support.mounts import mounted
from tests.support.mover_process import AS_NON_ROOT, NON_ROOT, Mover


def as_another_user(mover: Mover, folder: Path) -> Mover:
    """Return the mover run by a user who is not root, in a folder that everyone may enter, unlike the tests' own."""
    folder.chmod(0o755)
    (folder / "bin").mkdir()
    shutil.copy(mover.search_path / "restic", folder / "bin")
    another = replace(mover.copy(folder), search_path=folder / "bin", launcher=AS_NON_ROOT).into(folder / "target")
    another.termination_log.touch()
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, NON_ROOT, NON_ROOT)
    return another


@pytest.mark.needs("root")
def test_owners(golden: GoldenFiles, saved: Mover) -> None:
    page = Page("Owners", "What the mover shows where the owners of files can't be kept.")
    target = saved.into(saved.folder / "target").powerless()
    add_run(page, "Owners that can't be kept", target, "restore")
    with tempfile.TemporaryDirectory(prefix="mover-") as name:
        another = as_another_user(saved, Path(name))
        real = another.search_path / "restic"
        silent = fake_restic(another.folder, ls="echo 'Fatal: not today' >&2; exit 1", **{"*": f'exec {real} "$@"'})
        add_run(page, "Owners that can't be compared", another.with_restic(silent), "restore")
    golden.check("owners", page)


@pytest.mark.needs("root")
def test_small_volumes(golden: GoldenFiles, mover: Mover) -> None:
    page = Page("Small volumes", "What the mover shows where a volume is too small.")
    for number in range(4):
        (mover.data / f"large {number}").write_bytes(bytes(range(256)) * 4096)
    mover.succeeds("backup")
    target = mover.into(mover.folder / "target")
    with mounted(target.data, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
        add_run(page, "A restore into a volume that is too small", target, "restore")
        add_run(page, "A restore that may not fit", target, "restore", RESTORE_OPTIONS="--exclude 'large*'")
    with mounted(mover.cache, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
        add_run(page, "No room for a test restore", mover, "check", VERIFY_SAMPLE_FILES="8")
    golden.check("small-volumes", page)
