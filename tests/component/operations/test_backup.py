"""Backup, with real restic on local repositories."""

import os
import shutil
from pathlib import Path

import pytest

from mover.platform.cache_volume import TEMPORARY
from tests import volumes
from tests.mounts import mounted
from tests.mover_process import Mover, unreadable
from tests.restics import both_restics


class TestTheFirstBackup:
    @both_restics
    def test_creates_the_repository_and_saves_a_snapshot(self, fresh: Mover) -> None:
        result = fresh.succeeds("backup")
        assert result.operations == [("backup", "done")]
        assert "created restic repository" in result.messages
        (snapshot,) = fresh.snapshots()
        assert result.outcome["snapshot"]["id"] == snapshot["id"]
        assert snapshot["hostname"] == "volsync"
        assert snapshot["paths"] == [str(fresh.data)]

    def test_has_the_files_of_the_volume_at_the_root_of_the_snapshot(self, mover: Mover) -> None:
        mover.succeeds("backup")
        names = mover.named_in_snapshot()
        assert names == {"/one", "/folder", "/folder/two", "/folder/deeper", "/folder/deeper/three"}

    def test_counts_files_and_bytes(self, mover: Mover) -> None:
        snapshot = mover.succeeds("backup").outcome["snapshot"]
        assert {name: snapshot[name] for name in ("files", "bytes", "new", "changed", "complete")} == {
            "files": 3,
            "bytes": 6,
            "new": 3,
            "changed": 0,
            "complete": True,
        }
        assert snapshot["added"] > 0

    def test_does_not_create_a_repository_where_that_is_forbidden(self, fresh: Mover) -> None:
        result = fresh.fails(10, "backup", REPOSITORY_INIT="never")
        assert "There is no repository" in result.message
        assert not fresh.repository.exists()

    def test_creates_the_cache_volume_s_folders(self, mover: Mover) -> None:
        mover.succeeds("backup", RESTIC_CACHE_DIR=str(mover.folder / "some" / "where"))
        assert (mover.folder / "some" / "where" / TEMPORARY).is_dir()


class TestTheSecondBackup:
    @both_restics
    def test_counts_what_is_new_and_what_has_changed(self, mover: Mover) -> None:
        mover.succeeds("backup")
        (mover.data / "new").write_text("new")
        (mover.data / "one").write_text("changed")
        snapshot = mover.succeeds("backup").outcome["snapshot"]
        assert (snapshot["new"], snapshot["changed"], snapshot["files"]) == (1, 1, 4)
        assert mover.count() == 2

    def test_is_a_single_restic_process(self, mover: Mover) -> None:
        mover.succeeds("backup")
        assert mover.succeeds("backup").outcome["restic"]["processes"] == 1

    def test_says_what_restic_cost(self, mover: Mover) -> None:
        cost = mover.succeeds("backup").outcome["restic"]
        assert cost["cpuSeconds"] > 0
        assert cost["peakRSSBytes"] > 20 * volumes.MIB

    def test_is_kept_apart_from_those_of_another_host(self, mover: Mover) -> None:
        mover.succeeds("backup", RESTIC_HOST="first")
        mover.succeeds("backup", RESTIC_HOST="second")
        assert [snapshot["hostname"] for snapshot in mover.snapshots()] == ["first", "second"]
        assert len(mover.remembered()["volumes"]) == 2

    def test_carries_its_tags_and_leaves_out_what_is_excluded(self, mover: Mover) -> None:
        mover.succeeds("backup", BACKUP_TAGS="nightly\nkeep me\n", BACKUP_EXCLUDE="deeper\n\n/nowhere\n")
        (snapshot,) = mover.snapshots()
        assert snapshot["tags"] == ["nightly", "keep me"]
        assert mover.named_in_snapshot() == {"/one", "/folder", "/folder/two"}


class TestAnEmptyVolume:
    @pytest.fixture
    def empty(self, fresh: Mover) -> Mover:
        shutil.rmtree(fresh.data)
        fresh.data.mkdir()
        return fresh

    def test_takes_no_snapshot_and_makes_no_repository(self, empty: Mover) -> None:
        result = empty.succeeds("backup")
        assert result.operations == [("backup", "done")]
        assert result.outcome["snapshot"] is None
        assert "Directory is empty" in result.warnings
        assert not empty.repository.exists()
        assert result.outcome["restic"]["processes"] <= 1, "no more than to ask for the version"

    def test_lets_prune_and_unlock_find_nothing_to_do_where_there_is_no_repository(self, empty: Mover) -> None:
        result = empty.succeeds("unlock", "backup", "prune")
        assert result.operations == [("unlock", "done"), ("backup", "done"), ("prune", "done")]
        assert "no repository yet" in result.message
        assert not empty.repository.exists()

    def test_still_prunes_where_there_is_a_repository(self, mover: Mover) -> None:
        shutil.rmtree(mover.data)
        mover.data.mkdir()
        result = mover.succeeds("unlock", "backup", "prune")
        assert result.operations == [("unlock", "done"), ("backup", "done"), ("prune", "done")]
        assert result.outcome["pruned"]
        assert mover.remembered()["pruned"]

    def test_forgets_nothing_but_prunes_where_that_is_due(self, history: Mover, tmp_path: Path) -> None:
        before = history.count()
        empty = history.into(tmp_path / "empty")
        result = empty.succeeds("backup", RETAIN_LAST="1", PRUNE_INTERVAL_DAYS="7")
        assert result.operations == [("backup", "done"), ("prune", "done")]
        assert history.count() == before

    def test_may_hold_a_lost_and_found_at_its_root(self, empty: Mover) -> None:
        (empty.data / "lost+found" / "#123").mkdir(parents=True)
        assert "Directory is empty" in empty.succeeds("backup").warnings

    @both_restics
    def test_is_one_whose_files_are_all_excluded_too(self, mover: Mover) -> None:
        result = mover.succeeds("backup", BACKUP_EXCLUDE="*")
        assert result.outcome["snapshot"] is None
        assert "every file is excluded" in result.warnings
        assert mover.count() == 0


class TestLostAndFound:
    @both_restics
    def test_is_left_out_at_the_root_and_nowhere_else(self, mover: Mover) -> None:
        for folder in ("", "folder", "folder/deeper"):
            (mover.data / folder / "lost+found").mkdir()
            (mover.data / folder / "lost+found" / "file").touch()
        mover.succeeds("backup")
        found = {name for name in mover.named_in_snapshot() if "lost+found" in name}
        assert found == {
            "/folder/lost+found",
            "/folder/lost+found/file",
            "/folder/deeper/lost+found",
            "/folder/deeper/lost+found/file",
        }

    def test_is_left_out_of_a_volume_whose_path_looks_like_a_pattern(self, mover: Mover) -> None:
        odd = mover.with_volume(mover.folder / r"da[t]a *?\ {x}")
        (odd.data / "lost+found").mkdir(parents=True)
        (odd.data / "file").touch()
        odd.succeeds("backup")
        assert mover.named_in_snapshot() == {"/file"}


class TestAPartialBackup:
    @both_restics
    def test_keeps_its_snapshot_and_names_the_files(self, mover: Mover) -> None:
        unreadable(mover.data / "one")
        unreadable(mover.data / "folder" / "deeper")
        result = mover.powerless().fails(3, "backup")
        assert result.operations == [("backup", "partial")]
        assert result.outcome["snapshot"]["id"] == mover.ids()[0]
        assert result.outcome["snapshot"]["complete"] is False
        assert result.outcome["unreadable"]["count"] == 2
        assert sorted(result.outcome["unreadable"]["files"]) == ["folder/deeper", "one"]
        assert "2 files could not be read" in result.message

    def test_names_no_more_than_five_files_but_counts_them_all(self, mover: Mover) -> None:
        for number in range(8):
            (mover.data / f"secret {number}").touch()
            unreadable(mover.data / f"secret {number}")
        result = mover.powerless().fails(3, "backup")
        assert result.outcome["unreadable"]["count"] == 8
        assert len(result.outcome["unreadable"]["files"]) == 5
        assert "and 3 more" in result.message

    def test_can_name_files_whose_names_are_no_text(self, mover: Mover) -> None:
        for name in volumes.ODD_NAMES[:4]:
            path = mover.data / os.fsdecode(name)
            path.touch()
            unreadable(path)
        result = mover.powerless().fails(3, "backup")
        assert result.outcome["unreadable"]["count"] == 4
        assert any("new\nline" in name for name in result.outcome["unreadable"]["files"])

    @both_restics
    def test_that_could_read_nothing_at_all_has_failed(self, mover: Mover) -> None:
        unreadable(mover.data / "one")
        unreadable(mover.data / "folder")
        result = mover.powerless().fails(2, "backup", "prune")
        assert result.operations == [("backup", "usage")]
        assert "No snapshot was saved: 2 files could not be read" in result.message
        assert mover.count() == 0

    def test_is_one_for_text_logs_too(self, mover: Mover) -> None:
        unreadable(mover.data / "one")
        result = mover.powerless().fails(3, "backup", LOG_FORMAT="text")
        assert f"ERROR: snapshot {mover.ids()[0][:8]} saved with 2 files" in result.text

    def test_lets_the_chain_go_on(self, mover: Mover) -> None:
        unreadable(mover.data / "one")
        result = mover.powerless().fails(3, "backup", "prune")
        assert result.operations == [("backup", "partial"), ("prune", "done")]

    @both_restics
    def test_is_still_partial_where_nothing_else_has_changed(self, mover: Mover) -> None:
        unreadable(mover.data / "one")
        first = mover.powerless().fails(3, "backup", SKIP_IF_UNCHANGED="true")
        again = mover.powerless().fails(3, "backup", SKIP_IF_UNCHANGED="true")
        assert first.outcome["snapshot"]
        assert mover.count() == 1
        assert again.outcome["unreadable"]["files"] == ["one"]
        assert "nothing has changed" in again.message

    def test_can_be_treated_as_success_without_changing_the_outcome(self, mover: Mover) -> None:
        unreadable(mover.data / "one")
        result = mover.powerless().succeeds("backup", TREAT_AS_SUCCESS="3,20")
        assert (result.outcome["outcome"], result.outcome["exitCode"]) == ("partial", 3)


class TestSkippingAnUnchangedVolume:
    @both_restics
    def test_saves_no_second_snapshot(self, mover: Mover) -> None:
        skipping = mover.with_settings(SKIP_IF_UNCHANGED="true", RETAIN_LAST="1")
        skipping.succeeds("backup")
        result = skipping.succeeds("backup")
        assert result.operations == [("backup", "done")], "nothing is forgotten either"
        assert result.outcome["snapshot"] is None
        assert "nothing has changed" in result.message
        assert mover.count() == 1

    def test_still_does_a_prune_that_is_due(self, mover: Mover) -> None:
        skipping = mover.with_settings(SKIP_IF_UNCHANGED="true", RETAIN_LAST="1", PRUNE_INTERVAL_DAYS="0")
        skipping.succeeds("backup")
        assert skipping.succeeds("backup").operations == [("backup", "done"), ("prune", "done")]

    def test_saves_what_has_changed(self, mover: Mover) -> None:
        skipping = mover.with_settings(SKIP_IF_UNCHANGED="true")
        skipping.succeeds("backup")
        (mover.data / "one").write_text("another")
        assert skipping.succeeds("backup").outcome["snapshot"]["changed"] == 1


class TestARepositoryThatIsGone:
    @pytest.fixture
    def robbed(self, mover: Mover) -> Mover:
        mover.succeeds("backup")
        shutil.rmtree(mover.repository)
        return mover

    def test_is_never_made_anew(self, robbed: Mover) -> None:
        result = robbed.fails(10, "backup")
        assert "is gone, though snapshot" in result.message
        assert not robbed.repository.exists()

    def test_is_no_less_gone_for_other_operations(self, robbed: Mover) -> None:
        for operation in ("prune", "unlock", "restore"):
            result = robbed.fails(10, operation, RESTORE_MISSING="continue")
            assert "is gone, though snapshot" in result.message, operation
        assert not robbed.repository.exists()

    def test_is_gone_for_another_volume_of_the_repository_too(self, robbed: Mover) -> None:
        assert "is gone" in robbed.fails(10, "backup", RESTIC_HOST="another").message

    def test_can_be_made_anew_where_that_is_asked_for(self, robbed: Mover) -> None:
        robbed.succeeds("backup", REPOSITORY_INIT="always")
        assert robbed.count() == 1


class TestTheVolume:
    @pytest.mark.parametrize("operation", ["backup", "restore"])
    def test_that_is_missing_is_an_error_and_never_empty(self, fresh: Mover, operation: str) -> None:
        result = fresh.with_volume(fresh.folder / "nowhere").fails(2, operation)
        assert "DATA_DIR" in result.message
        assert "No such file or directory" in result.message
        assert not fresh.repository.exists()

    @pytest.mark.parametrize("operation", ["backup", "restore"])
    def test_that_is_a_file_is_an_error(self, fresh: Mover, operation: str) -> None:
        result = fresh.with_volume(fresh.data / "one").fails(2, operation)
        assert "Not a directory" in result.message

    def test_that_can_t_be_read_is_an_error(self, fresh: Mover) -> None:
        unreadable(fresh.data)
        assert "Permission denied" in fresh.powerless().fails(2, "backup").message

    def test_may_be_reached_by_a_symbolic_link(self, mover: Mover) -> None:
        link = mover.folder / "link"
        link.symlink_to(mover.data)
        mover.with_volume(link).succeeds("backup")
        assert mover.snapshots()[0]["paths"] == [str(mover.data)]


class TestTheCacheVolume:
    def test_that_can_t_be_written_is_only_a_warning(self, mover: Mover) -> None:
        mover.cache.mkdir()
        mover.cache.chmod(0o555)
        result = mover.powerless().succeeds("backup")
        assert "remembers nothing" in result.warnings
        assert result.outcome["snapshot"]
        assert not list(mover.cache.iterdir())

    def test_that_is_a_file_is_only_a_warning(self, mover: Mover) -> None:
        mover.cache.touch()
        assert "Going on without the cache volume" in mover.succeeds("backup").warnings

    def test_keeps_working_when_its_marker_file_can_t_be_written(self, mover: Mover) -> None:
        mover.marker.mkdir(parents=True)
        (mover.marker / "in the way").touch()
        result = mover.succeeds("backup", "prune")
        assert "marker file" in result.warnings
        assert mover.count() == 1

    def test_that_is_of_no_use_is_wiped_without_what_is_not_restic_s(self, mover: Mover) -> None:
        mover.succeeds("backup")
        for mine in (mover.cache / "tmp" / "mine", mover.cache / "mine"):
            mine.mkdir(parents=True)
        (broken,) = (folder / "version" for folder in mover.cache.glob("?" * 64))
        broken.write_bytes(b"")
        assert "wiping it" in mover.succeeds("backup").messages
        assert broken.read_bytes(), "restic has made its cache anew"
        assert (mover.cache / "tmp" / "mine").is_dir(), "a folder of this name may be anybody's"
        assert (mover.cache / "mine").is_dir()
        assert mover.marker.exists()

    @pytest.mark.needs("root")
    def test_that_has_no_room_for_a_single_folder_is_only_a_warning(self, mover: Mover) -> None:
        mover.cache.mkdir()
        with mounted(mover.cache, "-t", "tmpfs", "-o", "nr_inodes=1", "tmpfs"):
            assert "Going on without the cache volume" in mover.succeeds("backup").warnings
