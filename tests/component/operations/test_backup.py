"""Backup, with real restic on local repositories."""

import os
import re
import shutil
from pathlib import Path

import pytest

from mover.platform.cache_volume import TEMPORARY
from tests.support import volumes
from tests.support.mounts import mounted
from tests.support.mover_process import Mover, unreadable
from tests.support.restic_versions import both_restics


@both_restics
def test_the_first_backup_creates_the_repository_and_saves_a_snapshot(fresh: Mover) -> None:
    result = fresh.succeeds("backup")
    assert result.operations == [("backup", "done")]
    assert (fresh.repository / "config").is_file()
    (snapshot,) = fresh.snapshots()
    assert result.outcome["snapshot"]["id"] == snapshot["id"]
    assert snapshot["hostname"] == "volsync"
    assert snapshot["paths"] == [str(fresh.data)]


def test_a_snapshot_has_the_files_of_the_volume_at_its_root(mover: Mover) -> None:
    mover.succeeds("backup")
    names = mover.paths_in_snapshot()
    assert names == {"/one", "/folder", "/folder/two", "/folder/deeper", "/folder/deeper/three"}


def test_a_backup_counts_files_and_bytes(mover: Mover) -> None:
    snapshot = mover.succeeds("backup").outcome["snapshot"]
    assert {name: snapshot[name] for name in ("files", "bytes", "new", "changed", "complete")} == {
        "files": 3,
        "bytes": 6,
        "new": 3,
        "changed": 0,
        "complete": True,
    }
    assert snapshot["added"] > 0


def test_a_backup_creates_no_repository_where_that_is_forbidden(fresh: Mover) -> None:
    result = fresh.fails(10, "backup", REPOSITORY_INIT="never")
    assert result.operations == [("backup", "no-repository")]
    assert not fresh.repository.exists()


def test_a_backup_creates_the_folders_of_the_cache_volume(mover: Mover) -> None:
    mover.succeeds("backup", RESTIC_CACHE_DIR=str(mover.folder / "some" / "where"))
    assert (mover.folder / "some" / "where" / TEMPORARY).is_dir()


@both_restics
def test_a_second_backup_counts_new_and_changed_files(mover: Mover) -> None:
    mover.succeeds("backup")
    (mover.data / "new").write_text("new")
    (mover.data / "one").write_text("changed")
    snapshot = mover.succeeds("backup").outcome["snapshot"]
    assert (snapshot["new"], snapshot["changed"], snapshot["files"]) == (1, 1, 4)
    assert mover.count() == 2


def test_a_second_backup_is_a_single_restic_process(mover: Mover) -> None:
    mover.succeeds("backup")
    assert mover.succeeds("backup").outcome["restic"]["processes"] == 1


def test_the_outcome_has_the_cpu_time_and_the_memory_of_restic(mover: Mover) -> None:
    cost = mover.succeeds("backup").outcome["restic"]
    assert cost["cpuSeconds"] > 0
    assert cost["peakRSSBytes"] > 20 * volumes.MIB


def test_backups_of_two_hosts_are_kept_apart(mover: Mover) -> None:
    mover.succeeds("backup", RESTIC_HOST="first")
    mover.succeeds("backup", RESTIC_HOST="second")
    assert [snapshot["hostname"] for snapshot in mover.snapshots()] == ["first", "second"]
    assert len(mover.read_marker()["volumes"]) == 2


def test_a_snapshot_has_its_tags_and_lacks_what_is_excluded(mover: Mover) -> None:
    mover.succeeds("backup", BACKUP_TAGS="nightly\nkeep me\n", BACKUP_EXCLUDE="deeper\n\n/nowhere\n")
    (snapshot,) = mover.snapshots()
    assert snapshot["tags"] == ["nightly", "keep me"]
    assert mover.paths_in_snapshot() == {"/one", "/folder", "/folder/two"}


@pytest.fixture
def empty(fresh: Mover) -> Mover:
    shutil.rmtree(fresh.data)
    fresh.data.mkdir()
    return fresh


def test_an_empty_volume_creates_no_snapshot_and_no_repository(empty: Mover) -> None:
    result = empty.succeeds("backup")
    assert result.operations == [("backup", "done")]
    assert result.outcome["snapshot"] is None
    assert result.reasons == ["nothing-to-back-up"]
    assert not empty.repository.exists()
    assert result.outcome["restic"]["processes"] <= 1, "nothing but `restic version` should run"


def test_prune_and_unlock_do_nothing_for_an_empty_volume_without_a_repository(empty: Mover) -> None:
    result = empty.succeeds("unlock", "backup", "prune")
    assert result.operations == [("unlock", "done"), ("backup", "done"), ("prune", "done")]
    assert result.outcome["pruned"] is None
    assert not empty.repository.exists()


def test_prune_still_runs_for_an_empty_volume_with_a_repository(mover: Mover) -> None:
    shutil.rmtree(mover.data)
    mover.data.mkdir()
    result = mover.succeeds("unlock", "backup", "prune")
    assert result.operations == [("unlock", "done"), ("backup", "done"), ("prune", "done")]
    assert result.outcome["pruned"]
    assert mover.read_marker()["pruned"]


def test_an_empty_volume_forgets_nothing_but_prunes_where_that_is_due(history: Mover, tmp_path: Path) -> None:
    before = history.count()
    empty = history.into(tmp_path / "empty")
    result = empty.succeeds("backup", RETAIN_LAST="1", PRUNE_INTERVAL_DAYS="7")
    assert result.operations == [("backup", "done"), ("prune", "done")]
    assert history.count() == before


def test_a_volume_with_only_lost_and_found_at_its_root_is_empty(empty: Mover) -> None:
    (empty.data / "lost+found" / "#123").mkdir(parents=True)
    assert empty.succeeds("backup").reasons == ["nothing-to-back-up"]


@both_restics
def test_a_volume_whose_files_are_all_excluded_is_empty(mover: Mover) -> None:
    result = mover.succeeds("backup", BACKUP_EXCLUDE="*")
    assert result.outcome["snapshot"] is None
    assert result.reasons == ["nothing-to-back-up"]
    assert mover.count() == 0


@both_restics
def test_lost_and_found_is_excluded_at_the_root_and_nowhere_else(mover: Mover) -> None:
    for folder in ("", "folder", "folder/deeper"):
        (mover.data / folder / "lost+found").mkdir()
        (mover.data / folder / "lost+found" / "file").touch()
    mover.succeeds("backup")
    found = {name for name in mover.paths_in_snapshot() if "lost+found" in name}
    assert found == {
        "/folder/lost+found",
        "/folder/lost+found/file",
        "/folder/deeper/lost+found",
        "/folder/deeper/lost+found/file",
    }


def test_lost_and_found_is_excluded_where_the_path_looks_like_a_pattern(mover: Mover) -> None:
    odd = mover.with_volume(mover.folder / r"da[t]a *?\ {x}")
    (odd.data / "lost+found").mkdir(parents=True)
    (odd.data / "file").touch()
    odd.succeeds("backup")
    assert mover.paths_in_snapshot() == {"/file"}


@both_restics
def test_a_partial_backup_keeps_its_snapshot_and_names_the_unreadable_files(mover: Mover) -> None:
    unreadable(mover.data / "one")
    unreadable(mover.data / "folder" / "deeper")
    result = mover.powerless().fails(3, "backup")
    assert result.operations == [("backup", "partial")]
    assert result.outcome["snapshot"]["id"] == mover.ids()[0]
    assert result.outcome["snapshot"]["complete"] is False
    assert result.outcome["unreadable"]["count"] == 2
    assert sorted(result.outcome["unreadable"]["files"]) == ["folder/deeper", "one"]
    assert all(repr(name) in result.message for name in result.outcome["unreadable"]["files"])


def test_a_partial_backup_names_up_to_five_files_but_counts_them_all(mover: Mover) -> None:
    for number in range(8):
        (mover.data / f"secret {number}").touch()
        unreadable(mover.data / f"secret {number}")
    result = mover.powerless().fails(3, "backup")
    assert result.outcome["unreadable"]["count"] == 8
    assert len(result.outcome["unreadable"]["files"]) == 5
    assert sum(f"secret {number}" in result.message for number in range(8)) == 5


def test_a_partial_backup_names_files_whose_names_are_not_utf8(mover: Mover) -> None:
    for name in volumes.ODD_NAMES[:4]:
        path = mover.data / os.fsdecode(name)
        path.touch()
        unreadable(path)
    result = mover.powerless().fails(3, "backup")
    assert result.outcome["unreadable"]["count"] == 4
    assert any("new\nline" in name for name in result.outcome["unreadable"]["files"])


@both_restics
def test_a_backup_that_could_read_nothing_fails(mover: Mover) -> None:
    unreadable(mover.data / "one")
    unreadable(mover.data / "folder")
    result = mover.powerless().fails(2, "backup", "prune")
    assert result.operations == [("backup", "usage")]
    assert result.outcome["snapshot"] is None
    assert result.outcome["unreadable"]["count"] == 2
    assert mover.count() == 0


def test_a_partial_backup_is_an_error_line_in_the_text_log(mover: Mover) -> None:
    unreadable(mover.data / "one")
    result = mover.powerless().fails(3, "backup", LOG_FORMAT="text")
    assert re.search(f"^ERROR: .*{mover.ids()[0][:8]}", result.text, re.MULTILINE)


def test_a_partial_backup_does_not_end_the_chain(mover: Mover) -> None:
    unreadable(mover.data / "one")
    result = mover.powerless().fails(3, "backup", "prune")
    assert result.operations == [("backup", "partial"), ("prune", "done")]


@both_restics
def test_a_partial_backup_is_still_partial_where_nothing_else_has_changed(mover: Mover) -> None:
    unreadable(mover.data / "one")
    first = mover.powerless().fails(3, "backup", SKIP_IF_UNCHANGED="true")
    again = mover.powerless().fails(3, "backup", SKIP_IF_UNCHANGED="true")
    assert first.outcome["snapshot"]
    assert mover.count() == 1
    assert again.outcome["unreadable"]["files"] == ["one"]
    assert again.outcome["snapshot"] is None


def test_a_partial_backup_treated_as_success_keeps_its_outcome(mover: Mover) -> None:
    unreadable(mover.data / "one")
    result = mover.powerless().succeeds("backup", TREAT_AS_SUCCESS="3,20")
    assert (result.outcome["outcome"], result.outcome["exitCode"]) == ("partial", 3)


@both_restics
def test_an_unchanged_volume_is_skipped_without_a_second_snapshot(mover: Mover) -> None:
    skipping = mover.with_settings(SKIP_IF_UNCHANGED="true", RETAIN_LAST="1")
    skipping.succeeds("backup")
    result = skipping.succeeds("backup")
    assert result.operations == [("backup", "done")], "no forget should run either"
    assert result.outcome["snapshot"] is None
    assert result.reasons == [], "the volume is not empty"
    assert mover.count() == 1


def test_prune_still_runs_for_an_unchanged_volume_where_it_is_due(mover: Mover) -> None:
    skipping = mover.with_settings(SKIP_IF_UNCHANGED="true", RETAIN_LAST="1", PRUNE_INTERVAL_DAYS="0")
    skipping.succeeds("backup")
    assert skipping.succeeds("backup").operations == [("backup", "done"), ("prune", "done")]


def test_a_changed_volume_is_not_skipped(mover: Mover) -> None:
    skipping = mover.with_settings(SKIP_IF_UNCHANGED="true")
    skipping.succeeds("backup")
    (mover.data / "one").write_text("another")
    assert skipping.succeeds("backup").outcome["snapshot"]["changed"] == 1


@pytest.fixture
def robbed(mover: Mover) -> Mover:
    mover.succeeds("backup")
    shutil.rmtree(mover.repository)
    return mover


def test_a_lost_repository_is_not_recreated(robbed: Mover) -> None:
    saved = robbed.read_marker()["volumes"].popitem()[1]["snapshot"]["id"]
    result = robbed.fails(10, "backup")
    assert saved[:8] in result.message
    assert not robbed.repository.exists()


def test_other_operations_report_a_lost_repository_too(robbed: Mover) -> None:
    for operation in ("prune", "unlock", "restore"):
        result = robbed.fails(10, operation, RESTORE_MISSING="continue")
        assert result.operations == [(operation, "no-repository")]
    assert not robbed.repository.exists()


def test_a_lost_repository_is_reported_for_its_other_volumes_too(robbed: Mover) -> None:
    assert robbed.fails(10, "backup", RESTIC_HOST="another").operations == [("backup", "no-repository")]


def test_repository_init_always_recreates_a_lost_repository(robbed: Mover) -> None:
    robbed.succeeds("backup", REPOSITORY_INIT="always")
    assert robbed.count() == 1


@pytest.mark.parametrize("operation", ["backup", "restore"])
def test_a_missing_volume_is_an_error_and_not_an_empty_volume(fresh: Mover, operation: str) -> None:
    result = fresh.with_volume(fresh.folder / "nowhere").fails(2, operation)
    assert "DATA_DIR" in result.message
    assert result.operations == []
    assert not fresh.repository.exists()


@pytest.mark.parametrize("operation", ["backup", "restore"])
def test_a_volume_that_is_a_file_is_an_error(fresh: Mover, operation: str) -> None:
    result = fresh.with_volume(fresh.data / "one").fails(2, operation)
    assert "DATA_DIR" in result.message


def test_a_volume_that_cannot_be_read_is_an_error(fresh: Mover) -> None:
    unreadable(fresh.data)
    assert "DATA_DIR" in fresh.powerless().fails(2, "backup").message


def test_a_volume_can_be_reached_by_a_symbolic_link(mover: Mover) -> None:
    link = mover.folder / "link"
    link.symlink_to(mover.data)
    mover.with_volume(link).succeeds("backup")
    assert mover.snapshots()[0]["paths"] == [str(mover.data)]


def test_a_cache_volume_that_cannot_be_written_is_only_a_warning(mover: Mover) -> None:
    mover.cache.mkdir()
    mover.cache.chmod(0o555)
    result = mover.powerless().succeeds("backup")
    assert result.reasons == ["cache-unusable"]
    assert result.outcome["snapshot"]
    assert not list(mover.cache.iterdir())


def test_a_cache_volume_that_is_a_file_is_only_a_warning(mover: Mover) -> None:
    mover.cache.touch()
    assert "cache-unusable" in mover.succeeds("backup").reasons


def test_a_marker_file_that_cannot_be_written_is_only_a_warning(mover: Mover) -> None:
    mover.marker.mkdir(parents=True)
    (mover.marker / "in the way").touch()
    result = mover.succeeds("backup", "prune")
    assert "state-not-saved" in result.reasons
    assert mover.count() == 1


def test_a_damaged_cache_is_wiped_except_for_files_that_are_not_of_restic(mover: Mover) -> None:
    mover.succeeds("backup")
    for mine in (mover.cache / "tmp" / "mine", mover.cache / "mine"):
        mine.mkdir(parents=True)
    (broken,) = (folder / "version" for folder in mover.cache.glob("?" * 64))
    broken.write_bytes(b"")
    (warning,) = [record for record in mover.succeeds("backup").records if record["level"] == "warning"]
    assert str(mover.cache) in warning["message"]
    assert broken.read_bytes(), "restic has created its cache again"
    assert (mover.cache / "tmp" / "mine").is_dir(), "a folder of this name need not be of restic"
    assert (mover.cache / "mine").is_dir()
    assert mover.marker.exists()


@pytest.mark.needs("root")
def test_a_cache_volume_without_room_for_a_folder_is_only_a_warning(mover: Mover) -> None:
    mover.cache.mkdir()
    with mounted(mover.cache, "-t", "tmpfs", "-o", "nr_inodes=1", "tmpfs"):
        assert mover.succeeds("backup").reasons == ["cache-unusable"]
