"""Restore, with real restic on local repositories."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mover.operations.restore import choose
from mover.platform.clock import write_time
from mover.restic.messages import Snapshot
from tests import volumes
from tests.fake_restic import fake_restic
from tests.mover_process import AS_NON_ROOT, NON_ROOT, Mover, unreadable
from tests.movers import TIMES
from tests.restics import both_restics
from tests.settings_samples import settings


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """The volume that is restored into."""
    return tmp_path / "target"


def restored_time(mover: Mover, **settings: str) -> str:
    """Restore, and return the time of the snapshot that was chosen."""
    return str(mover.succeeds("restore", **settings).outcome["restored"]["time"])


class TestARestoredVolume:
    @both_restics
    def test_equals_the_one_that_was_backed_up(self, saved: Mover, target: Path) -> None:
        result = saved.into(target).succeeds("restore")
        assert volumes.differences(saved.data, target) == []
        assert result.operations == [("restore", "done")]
        assert result.outcome["warnings"] == []

    def test_equals_it_still_where_it_is_restored_once_more(self, saved: Mover, target: Path) -> None:
        saved.into(target).succeeds("restore")
        result = saved.into(target).succeeds("restore")
        assert volumes.differences(saved.data, target) == []
        assert "in place already" in result.message

    def test_is_repaired_where_files_were_damaged(self, saved: Mover, target: Path) -> None:
        saved.into(target).succeeds("restore")
        (target / "kinds" / "random").write_bytes(b"garbage")
        (target / "links" / "relative").unlink()
        (target / "metadata" / "xattr").chmod(0o777)
        saved.into(target).succeeds("restore")
        assert volumes.differences(saved.data, target) == []

    def test_can_be_as_sparse_as_the_original(self, saved: Mover, target: Path) -> None:
        saved.into(target).succeeds("restore", RESTORE_OPTIONS="--sparse")
        assert volumes.differences(saved.data, target) == []
        sparse = (target / "kinds" / "sparse").stat()
        assert sparse.st_blocks * 512 < sparse.st_size / 2

    def test_is_described_in_the_outcome(self, saved: Mover, target: Path) -> None:
        result = saved.into(target).succeeds("restore")
        restored = result.outcome["restored"]
        (snapshot,) = saved.snapshots()
        assert restored["id"] == snapshot["id"]
        assert restored["bytes"] == snapshot["summary"]["total_bytes_processed"] - len("linked"), "one file, two names"
        assert (restored["complete"], restored["found"]) == (True, 0)
        assert result.outcome["restic"]["processes"] == 2, "one to choose, one to restore"


class TestTheSnapshot:
    @pytest.fixture
    def chooser(self, history: Mover, target: Path) -> Mover:
        return history.into(target)

    def test_is_the_latest_one(self, chooser: Mover) -> None:
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
    def test_is_the_latest_as_of_a_time(self, chooser: Mover, as_of: str, chosen: str) -> None:
        assert restored_time(chooser, RESTORE_AS_OF=as_of) == chosen

    def test_is_so_many_before_the_latest(self, chooser: Mover) -> None:
        assert restored_time(chooser, SELECT_PREVIOUS="2") == "2026-02-18T12:00:00Z"

    def test_is_the_one_of_the_very_second_that_is_shown_of_it(self) -> None:
        saved = datetime(2026, 2, 19, 9, 0, 0, 987654, UTC)
        wanted = settings(RESTORE_AS_OF=write_time(saved)).restore
        chosen = choose([Snapshot("0123", saved, "volsync", ("/data",))], wanted)
        assert chosen, f"{saved} is shown as {write_time(saved)}, which is what one asks for"

    def test_is_so_many_before_the_one_as_of_a_time(self, chooser: Mover) -> None:
        chosen = restored_time(chooser, RESTORE_AS_OF="2026-02-11T00:00:00Z", SELECT_PREVIOUS="1")
        assert chosen == "2026-01-10T12:00:00Z"

    def test_is_the_one_of_an_id(self, chooser: Mover) -> None:
        third = chooser.snapshots()[2]
        assert restored_time(chooser, RESTORE_SNAPSHOT=third["id"][:8].upper()) == "2026-01-10T12:00:00Z"

    def test_is_none_before_the_first(self, chooser: Mover, target: Path) -> None:
        result = chooser.fails(25, "restore", RESTORE_AS_OF="2020-01-01T00:00:00Z")
        assert f"None of the {len(TIMES)} snapshots" in result.message
        assert "RESTORE_AS_OF=2020-01-01T00:00:00" in result.message
        assert list(target.iterdir()) == []

    def test_is_none_beyond_the_oldest(self, chooser: Mover) -> None:
        result = chooser.fails(25, "restore", SELECT_PREVIOUS=str(len(TIMES)))
        assert f"SELECT_PREVIOUS={len(TIMES)}" in result.message

    @pytest.mark.parametrize("setting", ["RESTIC_HOST=somebody", "RESTORE_PATH=/else/where"])
    def test_is_never_one_of_another_host_or_path(self, chooser: Mover, setting: str) -> None:
        result = chooser.fails(25, "restore", **dict([setting.split("=")]))
        assert f"no snapshot of host {'somebody' if 'HOST' in setting else 'volsync'}" in result.message

    def test_is_found_by_a_path_with_a_slash_at_its_end(self, chooser: Mover) -> None:
        path = chooser.settings["RESTORE_PATH"]
        assert restored_time(chooser, RESTORE_PATH=f"{path}/") == "2026-02-19T09:00:00Z"

    def test_of_an_id_nobody_has_is_none(self, chooser: Mover) -> None:
        result = chooser.fails(25, "restore", RESTORE_SNAPSHOT="0123456789abcdef")
        assert "no snapshot of the repository has an id that begins so" in result.message

    def test_of_an_ambiguous_id_is_none(self, fresh: Mover) -> None:
        mover = fresh.with_restic(fake_restic(fresh.folder, snapshots=two_snapshots_that_begin_alike(fresh.folder)))
        result = mover.fails(25, "restore", RESTORE_SNAPSHOT="abcdef")
        assert "2 snapshots have ids that begin so" in result.message

    def test_of_another_volume_is_restored_by_id_with_a_warning(self, chooser: Mover) -> None:
        latest = chooser.ids()[-1]
        result = chooser.succeeds("restore", RESTORE_SNAPSHOT=latest, RESTIC_HOST="somebody")
        assert "was made of another volume (host volsync" in result.warnings


def two_snapshots_that_begin_alike(folder: Path) -> str:
    """List two snapshots as restic does; real ids begin alike once in 65536 times."""
    ids = (f"abcdef{digit * 58}" for digit in "12")
    fields = {"time": "2026-01-01T00:00:00Z", "hostname": "volsync", "paths": ["/data"]}
    (folder / "list").write_text(json.dumps([{"id": snapshot, **fields} for snapshot in ids]))
    return f"cat {folder / 'list'}"


class TestAVolumeWithContent:
    @pytest.fixture
    def filled(self, saved: Mover, target: Path) -> Mover:
        (target / "mine" / "too").mkdir(parents=True)
        (target / "mine" / "file").write_text("was here before")
        (target / "kinds").mkdir()
        (target / "kinds" / "empty file").write_text("not so empty")
        (target / "lost+found").mkdir()
        (target / "lost+found" / "#1").touch()
        return saved.into(target)

    def test_is_overlaid_and_counted(self, filled: Mover, target: Path) -> None:
        result = filled.succeeds("restore")
        assert result.outcome["restored"]["found"] == 2, "lost+found is nobody's content"
        assert (target / "mine" / "file").read_text() == "was here before"
        assert (target / "kinds" / "empty file").read_text() == ""

    @both_restics
    def test_is_made_equal_where_that_is_asked_for(self, filled: Mover, target: Path, saved: Mover) -> None:
        filled.succeeds("restore", RESTORE_OPTIONS="--delete")
        assert (target / "lost+found" / "#1").exists(), "the one at the root is the file system's own"
        shutil.rmtree(target / "lost+found")
        assert volumes.differences(saved.data, target) == []

    def test_keeps_its_lost_and_found_whichever_attributes_are_asked_for(self, filled: Mover, target: Path) -> None:
        filled.succeeds("restore", RESTORE_OPTIONS="--delete --include-xattr 'user.*'")
        assert not (target / "mine").exists()
        assert (target / "lost+found" / "#1").exists()

    def test_is_deleted_from_only_where_that_is_asked_for_by_pattern(self, filled: Mover, target: Path) -> None:
        filled.succeeds("restore", RESTORE_OPTIONS="--delete --include '/kinds'")
        assert (target / "mine" / "file").exists()
        assert not (target / "names").exists()

    def test_can_be_restored_without_some_of_the_files(self, filled: Mover, target: Path) -> None:
        filled.succeeds("restore", RESTORE_OPTIONS="--exclude=/names --exclude '/meta*'")
        assert not (target / "names").exists()
        assert (target / "links" / "file").exists()


class TestWhereThereIsNothingToRestore:
    def test_a_mistyped_repository_is_an_error_and_is_not_created(self, saved: Mover, target: Path) -> None:
        typo = str(saved.repository) + "-"
        result = saved.into(target).fails(10, "restore", RESTIC_REPOSITORY=typo)
        assert "There is no repository" in result.message
        assert typo in result.message
        assert result.outcome["restored"] is None
        assert not Path(typo).exists()
        assert list(target.iterdir()) == []

    def test_a_missing_repository_may_be_fine(self, fresh: Mover) -> None:
        result = fresh.succeeds("restore", RESTORE_MISSING="continue")
        assert result.operations == [("restore", "done")]
        assert result.outcome["restored"] is None
        assert "There is no repository" in result.warnings
        assert not fresh.repository.exists()

    def test_a_missing_snapshot_may_be_fine(self, mover: Mover) -> None:
        result = mover.succeeds("restore", RESTORE_MISSING="continue")
        assert result.outcome["restored"] is None
        assert "The repository has no snapshot" in result.warnings

    def test_is_fine_where_volsync_says_that_the_mover_is_privileged_or_not(self, mover: Mover) -> None:
        for value in ("true", "false"):
            result = mover.succeeds("restore", PRIVILEGED_MOVER=value)
            assert "No eligible snapshots found" in result.text
        mover.fails(25, "restore", PRIVILEGED_MOVER="true", RESTORE_MISSING="fail")

    def test_an_empty_repository_has_no_snapshot(self, mover: Mover) -> None:
        assert "check RESTIC_HOST and RESTORE_PATH" in mover.fails(25, "restore").message

    def test_a_wrong_password_is_an_error_also_where_nothing_would_be_fine(self, mover: Mover) -> None:
        result = mover.fails(12, "restore", RESTIC_PASSWORD="another one", RESTORE_MISSING="continue")
        assert result.operations == [("restore", "wrong-password")]


class TestARestoreThatIsNotAllowedAll:
    @pytest.fixture
    def non_root(self, saved: Mover) -> Iterator[Mover]:
        """The same, run by another user in a folder that everyone may enter, unlike the tests' own."""
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
    def test_counts_the_owners_that_could_not_be_kept_by_another_user(self, non_root: Mover, saved: Mover) -> None:
        result = non_root.succeeds("restore")
        assert "entries could not be kept: user 1000 may not change owners" in result.warnings
        assert result.outcome["restored"]["complete"] is True
        assert volumes.differences(saved.data, non_root.data, owners=False) == []

    @pytest.mark.needs("root")
    def test_is_whole_though_its_owners_could_not_be_counted(self, non_root: Mover, saved: Mover) -> None:
        real = non_root.search_path / "restic"
        silent = fake_restic(non_root.folder, ls="echo 'Fatal: not today' >&2; exit 1", **{"*": f'exec {real} "$@"'})
        result = non_root.with_restic(silent).succeeds("restore")
        assert "Whether all owners were kept is not known" in result.warnings
        assert result.outcome["restored"]["complete"] is True
        assert volumes.differences(saved.data, non_root.data, owners=False) == []

    @pytest.mark.needs("root")
    @both_restics
    def test_counts_the_owners_that_could_not_be_kept_by_root_without_its_rights(
        self, saved: Mover, target: Path
    ) -> None:
        result = saved.into(target).powerless().succeeds("restore")
        assert "The owner of 4 entries could not be kept: user 0 may not change owners" in result.warnings

    @pytest.mark.fault("volume that can't be written")
    def test_tells_a_volume_that_can_t_be_written_from_one_that_is_full(
        self, saved: Mover, target: Path, verdict: int
    ) -> None:
        target.mkdir()
        target.chmod(0o555)
        result = saved.into(target).powerless().fails(verdict, "restore")
        assert "The volume can't be written as user" in result.message
        assert result.outcome["restored"]["complete"] is False

    def test_names_what_could_not_be_restored(self, saved: Mover, target: Path) -> None:
        (target / "names").mkdir(parents=True)
        unreadable(target / "names")
        result = saved.into(target).powerless().fails(23, "restore")
        assert result.outcome["unreadable"]["count"] >= 1
        assert (target / "kinds" / "random").exists(), "the rest is restored all the same"
