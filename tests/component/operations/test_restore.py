"""Restore, with real restic on local repositories."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mover.operations.snapshot_choice import choose
from mover.platform.clock import write_time
from mover.restic.messages import Snapshot
from tests.support import volumes
from tests.support.fake_restic import fake_restic
from tests.support.mover_process import AS_NON_ROOT, NON_ROOT, Mover, unreadable
from tests.support.movers import TIMES
from tests.support.restic_versions import both_restics
from tests.support.settings_samples import settings


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """The volume that is restored into."""
    return tmp_path / "target"


def restored_time(mover: Mover, **settings: str) -> str:
    """Restore, and return the time of the snapshot that was chosen."""
    return str(mover.succeeds("restore", **settings).outcome["restored"]["time"])


@both_restics
def test_a_restored_volume_equals_the_one_that_was_backed_up(saved: Mover, target: Path) -> None:
    result = saved.into(target).succeeds("restore")
    assert volumes.differences(saved.data, target) == []
    assert result.operations == [("restore", "done")]
    assert result.outcome["warnings"] == []


def test_a_second_restore_leaves_the_volume_as_it_is(saved: Mover, target: Path) -> None:
    first = saved.into(target).succeeds("restore")
    second = saved.into(target).succeeds("restore")
    assert volumes.differences(saved.data, target) == []
    assert re.search(r"\d+", second.message.removeprefix(first.message)), "the number of files already in place"


def test_a_restore_repairs_damaged_files(saved: Mover, target: Path) -> None:
    saved.into(target).succeeds("restore")
    (target / "kinds" / "random").write_bytes(b"garbage")
    (target / "links" / "relative").unlink()
    (target / "metadata" / "xattr").chmod(0o777)
    saved.into(target).succeeds("restore")
    assert volumes.differences(saved.data, target) == []


def test_a_restored_volume_can_be_as_sparse_as_the_original(saved: Mover, target: Path) -> None:
    saved.into(target).succeeds("restore", RESTORE_OPTIONS="--sparse")
    assert volumes.differences(saved.data, target) == []
    sparse = (target / "kinds" / "sparse").stat()
    assert sparse.st_blocks * 512 < sparse.st_size / 2


def test_a_restore_is_described_in_the_outcome(saved: Mover, target: Path) -> None:
    result = saved.into(target).succeeds("restore")
    restored = result.outcome["restored"]
    (snapshot,) = saved.snapshots()
    assert restored["id"] == snapshot["id"]
    assert restored["bytes"] == snapshot["summary"]["total_bytes_processed"] - len("linked"), "one file, two names"
    assert (restored["complete"], restored["found"]) == (True, 0)
    assert result.outcome["restic"]["processes"] == 2, "one to choose, one to restore"


@pytest.fixture
def chooser(history: Mover, target: Path) -> Mover:
    return history.into(target)


def test_a_restore_takes_the_latest_snapshot(chooser: Mover) -> None:
    assert restored_time(chooser) == "2026-02-19T09:00:00Z"


@pytest.mark.parametrize(
    ("as_of", "chosen"),
    [
        ("2026-02-19T08:30:00Z", "2026-02-19T08:00:00Z"),
        ("2026-02-19T08:00:00Z", "2026-02-19T08:00:00Z"),
        ("2026-02-19T08:00:00+01:00", "2026-02-18T12:00:00Z"),
        ("2999-01-01T00:00:00Z", "2026-02-19T09:00:00Z"),
    ],
)
def test_restore_as_of_takes_the_latest_snapshot_up_to_that_time(chooser: Mover, as_of: str, chosen: str) -> None:
    assert restored_time(chooser, RESTORE_AS_OF=as_of) == chosen


def test_select_previous_counts_back_from_the_latest_snapshot(chooser: Mover) -> None:
    assert restored_time(chooser, SELECT_PREVIOUS="2") == "2026-02-18T12:00:00Z"


def test_restore_as_of_the_displayed_time_of_a_snapshot_takes_that_snapshot() -> None:
    saved = datetime(2026, 2, 19, 9, 0, 0, 987654, UTC)
    wanted = settings(RESTORE_AS_OF=write_time(saved)).restore
    chosen = choose([Snapshot("0123", saved, "volsync", ("/data",))], wanted)
    assert chosen, f"{saved} is shown as {write_time(saved)}, which is what users copy"


def test_select_previous_counts_back_from_restore_as_of(chooser: Mover) -> None:
    chosen = restored_time(chooser, RESTORE_AS_OF="2026-02-11T00:00:00Z", SELECT_PREVIOUS="1")
    assert chosen == "2026-01-10T12:00:00Z"


def test_restore_snapshot_takes_the_snapshot_with_that_id(chooser: Mover) -> None:
    third = chooser.snapshots()[2]
    assert restored_time(chooser, RESTORE_SNAPSHOT=third["id"][:8].upper()) == "2026-01-10T12:00:00Z"


def test_restore_as_of_a_time_before_the_first_snapshot_finds_none(chooser: Mover, target: Path) -> None:
    result = chooser.fails(25, "restore", RESTORE_AS_OF="2020-01-01T00:00:00Z")
    assert "RESTORE_AS_OF=2020-01-01T00:00:00" in result.message
    assert list(target.iterdir()) == []


def test_select_previous_beyond_the_oldest_snapshot_finds_none(chooser: Mover) -> None:
    result = chooser.fails(25, "restore", SELECT_PREVIOUS=str(len(TIMES)))
    assert f"SELECT_PREVIOUS={len(TIMES)}" in result.message


@pytest.mark.parametrize("setting", ["RESTIC_HOST=somebody", "RESTORE_PATH=/else/where"])
def test_a_restore_never_chooses_a_snapshot_of_another_host_or_path(chooser: Mover, setting: str) -> None:
    result = chooser.fails(25, "restore", **dict([setting.split("=")]))
    assert setting.partition("=")[2] in result.message


def test_restore_path_may_end_with_a_slash(chooser: Mover) -> None:
    path = chooser.settings["RESTORE_PATH"]
    assert restored_time(chooser, RESTORE_PATH=f"{path}/") == "2026-02-19T09:00:00Z"


def test_a_restore_of_an_unknown_id_finds_no_snapshot(chooser: Mover) -> None:
    result = chooser.fails(25, "restore", RESTORE_SNAPSHOT="0123456789abcdef")
    assert result.message.startswith("RESTORE_SNAPSHOT: ")
    assert "0123456789abcdef" in result.message


def test_a_restore_of_an_ambiguous_id_finds_no_snapshot(fresh: Mover) -> None:
    mover = fresh.with_restic(fake_restic(fresh.folder, snapshots=two_snapshots_that_begin_alike(fresh.folder)))
    result = mover.fails(25, "restore", RESTORE_SNAPSHOT="abcdef")
    assert result.message.startswith("RESTORE_SNAPSHOT: 2 ")


def test_a_snapshot_of_another_volume_is_restored_by_its_id_with_a_warning(chooser: Mover) -> None:
    latest = chooser.ids()[-1]
    result = chooser.succeeds("restore", RESTORE_SNAPSHOT=latest, RESTIC_HOST="somebody")
    assert "snapshot-of-another-volume" in result.reasons


def two_snapshots_that_begin_alike(folder: Path) -> str:
    """List two snapshots as restic does; real ids begin alike once in 65536 times."""
    ids = (f"abcdef{digit * 58}" for digit in "12")
    fields = {"time": "2026-01-01T00:00:00Z", "hostname": "volsync", "paths": ["/data"]}
    (folder / "list").write_text(json.dumps([{"id": snapshot, **fields} for snapshot in ids]))
    return f"cat {folder / 'list'}"


@pytest.fixture
def filled(saved: Mover, target: Path) -> Mover:
    (target / "mine" / "too").mkdir(parents=True)
    (target / "mine" / "file").write_text("was here before")
    (target / "kinds").mkdir()
    (target / "kinds" / "empty file").write_text("not so empty")
    (target / "lost+found").mkdir()
    (target / "lost+found" / "#1").touch()
    return saved.into(target)


def test_a_restore_overlays_and_counts_the_content_of_the_volume(filled: Mover, target: Path) -> None:
    result = filled.succeeds("restore")
    assert result.outcome["restored"]["found"] == 2, "lost+found does not count as content"
    assert (target / "mine" / "file").read_text() == "was here before"
    assert (target / "kinds" / "empty file").read_text() == ""


@both_restics
def test_a_restore_with_delete_makes_the_volume_equal_to_the_snapshot(
    filled: Mover, target: Path, saved: Mover
) -> None:
    filled.succeeds("restore", RESTORE_OPTIONS="--delete")
    assert (target / "lost+found" / "#1").exists(), "the one at the root is the file system's own"
    shutil.rmtree(target / "lost+found")
    assert volumes.differences(saved.data, target) == []


def test_delete_keeps_lost_and_found_whatever_attributes_are_requested(filled: Mover, target: Path) -> None:
    filled.succeeds("restore", RESTORE_OPTIONS="--delete --include-xattr 'user.*'")
    assert not (target / "mine").exists()
    assert (target / "lost+found" / "#1").exists()


def test_delete_with_an_include_pattern_deletes_only_what_matches(filled: Mover, target: Path) -> None:
    filled.succeeds("restore", RESTORE_OPTIONS="--delete --include '/kinds'")
    assert (target / "mine" / "file").exists()
    assert not (target / "names").exists()


def test_a_restore_can_exclude_files(filled: Mover, target: Path) -> None:
    filled.succeeds("restore", RESTORE_OPTIONS="--exclude=/names --exclude '/meta*'")
    assert not (target / "names").exists()
    assert (target / "links" / "file").exists()


def test_a_mistyped_repository_is_an_error_and_is_not_created(saved: Mover, target: Path) -> None:
    typo = str(saved.repository) + "-"
    result = saved.into(target).fails(10, "restore", RESTIC_REPOSITORY=typo)
    assert typo in result.message
    assert result.outcome["restored"] is None
    assert not Path(typo).exists()
    assert list(target.iterdir()) == []


def test_a_missing_repository_is_a_success_with_restore_missing_continue(fresh: Mover) -> None:
    result = fresh.succeeds("restore", RESTORE_MISSING="continue")
    assert result.operations == [("restore", "done")]
    assert result.outcome["restored"] is None
    assert result.reasons == ["nothing-restored"]
    assert not fresh.repository.exists()


def test_a_missing_snapshot_is_a_success_with_restore_missing_continue(mover: Mover) -> None:
    result = mover.succeeds("restore", RESTORE_MISSING="continue")
    assert result.outcome["restored"] is None
    assert result.reasons == ["nothing-restored"]


def test_a_missing_snapshot_is_a_success_under_volsync(mover: Mover) -> None:
    for value in ("true", "false"):
        result = mover.succeeds("restore", PRIVILEGED_MOVER=value)
        assert "No eligible snapshots found" in result.text
    mover.fails(25, "restore", PRIVILEGED_MOVER="true", RESTORE_MISSING="fail")


def test_a_restore_from_an_empty_repository_is_an_error(mover: Mover) -> None:
    message = mover.fails(25, "restore").message
    assert "RESTIC_HOST" in message
    assert "RESTORE_PATH" in message


def test_a_wrong_password_is_an_error_even_with_restore_missing_continue(mover: Mover) -> None:
    result = mover.fails(12, "restore", RESTIC_PASSWORD="another one", RESTORE_MISSING="continue")
    assert result.operations == [("restore", "wrong-password")]


@pytest.fixture
def non_root(saved: Mover) -> Iterator[Mover]:
    """The mover, run by another user in a folder that every user can enter, unlike that of the tests."""
    with tempfile.TemporaryDirectory(prefix="mover-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "bin").mkdir()
        shutil.copy(saved.search_path / "restic", folder / "bin")
        mover = replace(saved.copy(folder), search_path=folder / "bin", launcher=AS_NON_ROOT)
        mover.termination_log.touch()
        mover = mover.into(folder / "target")
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, NON_ROOT, NON_ROOT)
        yield mover


@pytest.mark.needs("root")
@both_restics
def test_a_restore_by_another_user_counts_the_owners_it_could_not_keep(non_root: Mover, saved: Mover) -> None:
    result = non_root.succeeds("restore")
    assert result.reasons == ["owners-not-kept"]
    assert "uid 1000" in result.warnings
    assert result.outcome["restored"]["complete"] is True
    assert volumes.differences(saved.data, non_root.data, owners=False) == []


@pytest.mark.needs("root")
def test_a_restore_is_complete_even_if_its_owners_could_not_be_counted(non_root: Mover, saved: Mover) -> None:
    real = non_root.search_path / "restic"
    silent = fake_restic(non_root.folder, ls="echo 'Fatal: not today' >&2; exit 1", **{"*": f'exec {real} "$@"'})
    result = non_root.with_restic(silent).succeeds("restore")
    assert result.reasons == ["owners-unknown"]
    assert result.outcome["restored"]["complete"] is True
    assert volumes.differences(saved.data, non_root.data, owners=False) == []


@pytest.mark.needs("root")
@both_restics
def test_a_restore_by_powerless_root_counts_the_owners_it_could_not_keep(saved: Mover, target: Path) -> None:
    result = saved.into(target).powerless().succeeds("restore")
    assert result.reasons == ["owners-not-kept"]
    assert re.search(r"\b4 ", result.warnings)


@pytest.mark.fault("volume not writable")
def test_a_volume_that_cannot_be_written_is_reported_with_its_variable(
    saved: Mover, target: Path, exit_code: int
) -> None:
    target.mkdir()
    target.chmod(0o555)
    result = saved.into(target).powerless().fails(exit_code, "restore")
    assert result.operations == [("restore", "no-space")]
    assert "DATA_DIR" in result.message
    assert result.outcome["restored"]["complete"] is False


def test_a_restore_counts_what_it_could_not_restore(saved: Mover, target: Path) -> None:
    (target / "names").mkdir(parents=True)
    unreadable(target / "names")
    result = saved.into(target).powerless().fails(23, "restore")
    assert result.outcome["unreadable"]["count"] >= 1
    assert (target / "kinds" / "random").exists(), "everything else is restored"
