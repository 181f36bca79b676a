"""Checks: by interval, in rotating parts, with files restored on trial; and what they say of damage."""

import json
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from mover.platform.cache_volume import TEMPORARY
from tests.damage import garble, largest_pack
from tests.mounts import mounted
from tests.mover_process import Mover
from tests.restics import both_restics

ODD_NAMES = (
    *(b"new\nline", b"not utf-8 \xff\xe4", b"tab\t", b" blanks ", b"cr\r", b"!bang", b"#hash", b"-rf", b"$HOME", b"$$"),
    *(b"star*", b"que?tion", b"[brackets]", b"**", b"back\\slash", b"trailing\\", "größe".encode(), b"{a,b}", b"~"),
)


@pytest.fixture
def mover(mover: Mover) -> Mover:
    """A mover with a volume of some size and an empty repository."""
    for path in mover.data.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for number in range(8):
        (mover.data / f"file {number}").write_bytes(os.urandom(300_000))
    return mover


class TestACheck:
    @both_restics
    def test_of_a_sound_repository_is_recorded(self, mover: Mover) -> None:
        mover.succeeds("backup")

        ran = mover.succeeds("check")

        assert ran.outcome["checked"]["subset"] is None, "without CHECK_SUBSETS no data should be read"
        assert ran.outcome["checked"]["time"] == mover.remembered()["checked"]
        assert mover.scratch() == [], "a check should leave nothing on the cache volume"

    def test_without_a_repository_has_nothing_to_do(self, fresh: Mover) -> None:
        ran = fresh.succeeds("check")

        assert "nothing to check" in ran.message
        assert ran.outcome["checked"] is None

    def test_is_done_after_a_backup_once_its_interval_has_passed(self, mover: Mover) -> None:
        mover.succeeds("backup")
        never_checked = mover.succeeds("backup", CHECK_INTERVAL_DAYS="30")
        every_time = mover.succeeds("backup", CHECK_INTERVAL_DAYS="0")
        just_checked = mover.succeeds("backup", CHECK_INTERVAL_DAYS="30")

        assert never_checked.operations == [("backup", "done")], "the first snapshot is not 30 days old"
        assert every_time.operations == [("backup", "done"), ("check", "done")]
        assert just_checked.operations == [("backup", "done")]

    def test_works_without_a_cache_volume(self, mover: Mover) -> None:
        mover.succeeds("backup")

        ran = mover.succeeds("check", RESTIC_CACHE_DIR="/proc/nowhere", VERIFY_SAMPLE_FILES="2")

        assert ran.outcome["checked"]["lastVerified"]["files"] == 2

    @both_restics
    def test_reads_all_of_the_data_in_as_many_runs_as_there_are_subsets(self, mover: Mover) -> None:
        mover.succeeds("backup")

        subsets = [mover.succeeds("check", CHECK_SUBSETS="3").outcome["checked"]["subset"] for _ in range(4)]

        assert subsets == ["1/3", "2/3", "3/3", "1/3"]
        assert "100% (3 of 3 parts)" in mover.run("status").text

    def test_shows_how_much_was_read(self, mover: Mover) -> None:
        mover.succeeds("backup")
        mover.succeeds("check", CHECK_SUBSETS="4", VERIFY_SAMPLE_FILES="3")

        told = json.loads(mover.run("status", "--json").text)

        assert (told["dataRead"]["read"], told["dataRead"]["subsets"]) == (1, 4)
        assert told["dataRead"]["since"] == told["dataRead"]["until"] == mover.remembered()["rotation"]["read"]["1"]
        assert (told["lastVerified"]["files"], told["lastVerified"]["bytes"]) == (3, 900_000)
        assert re.search(r"last verified +\S+Z: 3 files, 878\.906 KiB of snapshot", mover.run("status").text)

    def test_begins_a_new_rotation_where_the_number_of_subsets_changed(self, mover: Mover) -> None:
        mover.succeeds("backup")
        mover.succeeds("check", CHECK_SUBSETS="3")
        mover.succeeds("check")

        subsets = [mover.succeeds("check", CHECK_SUBSETS=n).outcome["checked"]["subset"] for n in ("3", "2", "2", "3")]

        assert subsets == ["2/3", "1/2", "2/2", "1/3"], "parts of another division say nothing of these"

    @pytest.mark.parametrize("name", ["CHECK_SUBSETS", "VERIFY_SAMPLE_FILES", "CHECK_INTERVAL_DAYS"])
    @pytest.mark.parametrize("value", ["-1", "many", "1.5", "100001", "٣"])
    def test_does_not_begin_with_a_setting_that_makes_no_sense(self, mover: Mover, name: str, value: str) -> None:
        ran = mover.fails(2, "check", **{name: value})

        assert f"{name} is '{value}': it should be a whole number from 0 to" in ran.message
        assert ran.outcome["restic"]["processes"] == 0

    def test_does_not_begin_with_more_subsets_than_restic_knows(self, mover: Mover) -> None:
        mover.succeeds("backup")
        assert mover.succeeds("check", CHECK_SUBSETS="256").outcome["checked"]["subset"] == "1/256"
        assert "CHECK_SUBSETS is '257'" in mover.fails(2, "check", CHECK_SUBSETS="257").message


class TestDamage:
    @both_restics
    def test_of_a_pack_is_told_with_the_commands_that_mend_it(self, mover: Mover) -> None:
        mover.succeeds("backup")
        pack = largest_pack(mover.repository)
        garble(pack, 5000)

        ran = mover.fails(24, "check", CHECK_SUBSETS="1")

        assert "1 error, 1 broken pack" in ran.message
        assert f"First: pack {pack.name} contains" in ran.message
        repair = self.commands(ran.message)
        assert repair == [["repair", "packs", pack.name], ["repair", "snapshots", "--forget"]]
        for command in repair:
            mover.restic(*command)
        mover.succeeds("check", CHECK_SUBSETS="1")

    @both_restics
    def test_of_the_index_is_told_with_the_command_that_mends_it(self, mover: Mover) -> None:
        mover.succeeds("backup")
        (index,) = mover.repository.glob("index/*")
        garble(index)

        ran = mover.fails(24, "check")

        repair = self.commands(ran.message)
        assert repair == [["repair", "index"], ["check"]]
        for command in repair:
            mover.restic(*command)

    @both_restics
    def test_of_a_pack_that_is_gone_is_told_with_the_commands_that_mend_it(self, mover: Mover) -> None:
        mover.succeeds("backup")
        largest_pack(mover.repository).unlink()

        ran = mover.fails(24, "check", CHECK_SUBSETS="1")

        assert self.commands(ran.message) == [["repair", "index"], ["repair", "snapshots", "--forget"]]
        mover.restic("repair", "index")
        mover.fails(3, "backup")  # restic calls the snapshot incomplete, as it had to store files again
        mover.restic("repair", "snapshots", "--forget")
        mover.succeeds("check", CHECK_SUBSETS="1")

    def test_does_not_undo_the_backup_and_records_no_check(self, mover: Mover) -> None:
        mover.succeeds("backup")
        mover.succeeds("check", CHECK_SUBSETS="1")
        before = mover.remembered()
        garble(largest_pack(mover.repository), 5000)

        ran = mover.fails(20, "backup", CHECK_INTERVAL_DAYS="0", CHECK_SUBSETS="1")

        assert ran.operations == [("backup", "done"), ("check", "maintenance-failed")]
        assert ran.outcome["snapshot"], "the backup of this run is saved"
        assert ran.outcome["checked"] is None
        after = mover.remembered()
        assert (after["checked"], after["rotation"]) == (before["checked"], before["rotation"])

    def test_is_found_by_a_trial_restore_where_the_structure_is_whole(self, mover: Mover) -> None:
        mover.succeeds("backup")
        garble(largest_pack(mover.repository), 5000)
        mover.succeeds("check")
        before = mover.remembered()

        ran = mover.fails(24, "check", VERIFY_SAMPLE_FILES="100")

        assert "could not be restored on trial" in ran.message
        assert "Run `restic check --read-data`" in ran.message
        after = mover.remembered()
        recorded = ("checked", "rotation", "volumes")
        assert all(after[what] == before[what] for what in recorded), "a check whose trial restore failed is none"
        assert mover.scratch() == []

    def commands(self, message: str) -> list[list[str]]:
        return [shlex.split(command)[1:] for command in re.findall(r"`(restic [^`]+)`", message)]


class TestATrialRestore:
    @both_restics
    def test_restores_files_whatever_their_names(self, mover: Mover) -> None:
        for name in ODD_NAMES:
            Path(os.fsdecode(bytes(mover.data) + b"/" + name)).write_bytes(name)
        inner = mover.data / "folder [1]" / "read only"
        inner.mkdir(parents=True)
        (inner / "file").write_text("content")
        inner.chmod(0o555)
        (mover.data / "link").symlink_to("file 1")

        ran = mover.succeeds("backup", "check", VERIFY_SAMPLE_FILES="100")

        verified = ran.outcome["checked"]["lastVerified"]
        assert verified["files"] == len(ODD_NAMES) + 8 + 1, "every regular file, and nothing else"
        assert verified["snapshot"] == ran.outcome["snapshot"]["id"]
        assert verified == next(iter(mover.remembered()["volumes"].values()))["verified"]
        assert mover.scratch() == []

    def test_takes_so_many_files_of_the_newest_snapshot(self, mover: Mover) -> None:
        mover.succeeds("backup")
        (mover.data / "newer").write_text("newer")
        newest = mover.succeeds("backup").outcome["snapshot"]["id"]

        verified = mover.succeeds("check", VERIFY_SAMPLE_FILES="5").outcome["checked"]["lastVerified"]

        assert (verified["snapshot"], verified["files"]) == (newest, 5)

    def test_has_nothing_to_do_without_a_snapshot(self, mover: Mover) -> None:
        ran = mover.succeeds("check", VERIFY_SAMPLE_FILES="5", CHECK_SUBSETS="2")

        assert ran.outcome["checked"]["lastVerified"] is None

    def test_warns_and_records_nothing_where_the_scratch_space_is_too_small(self, mover: Mover) -> None:
        mover.succeeds("backup")
        with mounted(mover.cache / TEMPORARY, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
            ran = mover.succeeds("check", VERIFY_SAMPLE_FILES="8")

        assert "they take 2.312 MiB, and 1" in ran.outcome["warnings"][0]
        assert ran.outcome["checked"]["lastVerified"] is None
        assert next(iter(mover.remembered()["volumes"].values()))["verified"] is None
        assert ran.outcome["checked"]["time"] == mover.remembered()["checked"], "the check itself has succeeded"
