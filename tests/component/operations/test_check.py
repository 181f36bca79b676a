"""Checks: by interval, in rotating parts, with a test restore; and the damage they report."""

import json
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from mover.platform.cache_volume import TEMPORARY
from tests.support.damage import garble, largest_pack
from tests.support.mounts import mounted
from tests.support.mover_process import Mover
from tests.support.restic_versions import both_restics

ODD_NAMES = (
    b"new\nline",
    b"not utf-8 \xff\xe4",
    b"tab\t",
    b" blanks ",
    b"cr\r",
    b"!bang",
    b"#hash",
    b"-rf",
    b"$HOME",
    b"$$",
    b"star*",
    b"que?tion",
    b"[brackets]",
    b"**",
    b"back\\slash",
    b"trailing\\",
    "größe".encode(),
    b"{a,b}",
    b"~",
)


@pytest.fixture
def mover(mover: Mover) -> Mover:
    """A mover with a volume of some size and an empty repository."""
    for path in mover.data.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for number in range(8):
        (mover.data / f"file {number}").write_bytes(os.urandom(300_000))
    return mover


@both_restics
def test_a_check_of_an_intact_repository_is_recorded(mover: Mover) -> None:
    mover.succeeds("backup")

    ran = mover.succeeds("check")

    assert ran.outcome["checked"]["subset"] is None, "without CHECK_SUBSETS no data should be read"
    assert ran.outcome["checked"]["time"] == mover.read_marker()["checked"]
    assert mover.scratch() == [], "a check should leave nothing on the cache volume"


def test_a_check_without_a_repository_does_nothing(fresh: Mover) -> None:
    ran = fresh.succeeds("check")

    assert ran.operations == [("check", "done")]
    assert ran.outcome["checked"] is None


def test_a_check_follows_a_backup_once_its_interval_has_passed(mover: Mover) -> None:
    mover.succeeds("backup")
    never_checked = mover.succeeds("backup", CHECK_INTERVAL_DAYS="30")
    every_time = mover.succeeds("backup", CHECK_INTERVAL_DAYS="0")
    just_checked = mover.succeeds("backup", CHECK_INTERVAL_DAYS="30")

    assert never_checked.operations == [("backup", "done")], "the first snapshot is not 30 days old"
    assert every_time.operations == [("backup", "done"), ("check", "done")]
    assert just_checked.operations == [("backup", "done")]


def test_a_check_works_without_a_cache_volume(mover: Mover) -> None:
    mover.succeeds("backup")

    ran = mover.succeeds("check", RESTIC_CACHE_DIR="/proc/nowhere", VERIFY_SAMPLE_FILES="2")

    assert ran.outcome["checked"]["lastVerified"]["files"] == 2


@both_restics
def test_checks_read_all_data_in_as_many_runs_as_there_are_subsets(mover: Mover) -> None:
    mover.succeeds("backup")

    subsets = [mover.succeeds("check", CHECK_SUBSETS="3").outcome["checked"]["subset"] for _ in range(4)]

    assert subsets == ["1/3", "2/3", "3/3", "1/3"]
    data_read = json.loads(mover.run("status", "--json").text)["dataRead"]
    assert (data_read["read"], data_read["subsets"]) == (3, 3)


def test_status_shows_how_much_data_was_read(mover: Mover) -> None:
    mover.succeeds("backup")
    mover.succeeds("check", CHECK_SUBSETS="4", VERIFY_SAMPLE_FILES="3")

    status = json.loads(mover.run("status", "--json").text)

    assert (status["dataRead"]["read"], status["dataRead"]["subsets"]) == (1, 4)
    assert status["dataRead"]["since"] == status["dataRead"]["until"] == mover.read_marker()["rotation"]["read"]["1"]
    assert (status["lastVerified"]["files"], status["lastVerified"]["bytes"]) == (3, 900_000)
    assert re.search(r"Z: 3 \D+ 878\.9 KiB ", mover.run("status").text)


def test_another_number_of_subsets_begins_a_new_rotation(mover: Mover) -> None:
    mover.succeeds("backup")
    mover.succeeds("check", CHECK_SUBSETS="3")
    mover.succeeds("check")

    subsets = [mover.succeeds("check", CHECK_SUBSETS=n).outcome["checked"]["subset"] for n in ("3", "2", "2", "3")]

    assert subsets == ["2/3", "1/2", "2/2", "1/3"], "parts of another division do not count"


@pytest.mark.parametrize("name", ["CHECK_SUBSETS", "VERIFY_SAMPLE_FILES", "CHECK_INTERVAL_DAYS"])
@pytest.mark.parametrize("value", ["-1", "many", "1.5", "100001", "٣"])
def test_invalid_check_settings_are_refused_before_restic_runs(mover: Mover, name: str, value: str) -> None:
    ran = mover.fails(2, "check", **{name: value})

    assert ran.message.startswith(f"{name}: ")
    assert repr(value) in ran.message
    assert ran.outcome["restic"]["processes"] == 0


def test_more_subsets_than_restic_supports_are_refused(mover: Mover) -> None:
    mover.succeeds("backup")
    assert mover.succeeds("check", CHECK_SUBSETS="256").outcome["checked"]["subset"] == "1/256"
    message = mover.fails(2, "check", CHECK_SUBSETS="257").message
    assert message.startswith("CHECK_SUBSETS: ")
    assert "'257'" in message


@both_restics
def test_a_damaged_pack_is_reported_with_the_commands_that_repair_it(mover: Mover) -> None:
    mover.succeeds("backup")
    pack = largest_pack(mover.repository)
    garble(pack, 5000)

    ran = mover.fails(24, "check", CHECK_SUBSETS="1")

    assert f"pack {pack.name} contains" in ran.message, "restic's own error"
    repair = repair_commands(ran.message)
    assert repair == [["repair", "packs", pack.name], ["repair", "snapshots", "--forget"]]
    for command in repair:
        mover.restic(*command)
    mover.succeeds("check", CHECK_SUBSETS="1")


@both_restics
def test_a_damaged_index_is_reported_with_the_command_that_repairs_it(mover: Mover) -> None:
    mover.succeeds("backup")
    (index,) = mover.repository.glob("index/*")
    garble(index)

    ran = mover.fails(24, "check")

    repair = repair_commands(ran.message)
    assert repair == [["repair", "index"], ["check"]]
    for command in repair:
        mover.restic(*command)


@both_restics
def test_a_missing_pack_is_reported_with_the_commands_that_repair_it(mover: Mover) -> None:
    mover.succeeds("backup")
    largest_pack(mover.repository).unlink()

    ran = mover.fails(24, "check", CHECK_SUBSETS="1")

    assert repair_commands(ran.message) == [["repair", "index"], ["repair", "snapshots", "--forget"]]
    mover.restic("repair", "index")
    mover.fails(3, "backup")  # restic calls the snapshot incomplete, as it had to store files again
    mover.restic("repair", "snapshots", "--forget")
    mover.succeeds("check", CHECK_SUBSETS="1")


def test_a_failed_check_does_not_undo_the_backup_and_is_not_recorded(mover: Mover) -> None:
    mover.succeeds("backup")
    mover.succeeds("check", CHECK_SUBSETS="1")
    before = mover.read_marker()
    garble(largest_pack(mover.repository), 5000)

    ran = mover.fails(20, "backup", CHECK_INTERVAL_DAYS="0", CHECK_SUBSETS="1")

    assert ran.operations == [("backup", "done"), ("check", "maintenance-failed")]
    assert ran.outcome["snapshot"], "the backup of this run is saved"
    assert ran.outcome["checked"] is None
    after = mover.read_marker()
    assert (after["checked"], after["rotation"]) == (before["checked"], before["rotation"])


def test_a_test_restore_finds_damage_where_the_structure_is_intact(mover: Mover) -> None:
    mover.succeeds("backup")
    garble(largest_pack(mover.repository), 5000)
    mover.succeeds("check")
    before = mover.read_marker()

    ran = mover.fails(24, "check", VERIFY_SAMPLE_FILES="100")

    assert repair_commands(ran.message) == [["check", "--read-data"]]
    after = mover.read_marker()
    recorded = ("checked", "rotation", "volumes")
    assert all(after[what] == before[what] for what in recorded), "a check whose test restore failed is not recorded"
    assert mover.scratch() == []


def repair_commands(message: str) -> list[list[str]]:
    return [shlex.split(command)[1:] for command in re.findall(r"`(restic [^`]+)`", message)]


@both_restics
def test_a_test_restore_restores_files_of_any_name(mover: Mover) -> None:
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
    assert verified == next(iter(mover.read_marker()["volumes"].values()))["verified"]
    assert mover.scratch() == []


def test_a_test_restore_samples_files_of_the_newest_snapshot(mover: Mover) -> None:
    mover.succeeds("backup")
    (mover.data / "newer").write_text("newer")
    newest = mover.succeeds("backup").outcome["snapshot"]["id"]

    verified = mover.succeeds("check", VERIFY_SAMPLE_FILES="5").outcome["checked"]["lastVerified"]

    assert (verified["snapshot"], verified["files"]) == (newest, 5)


def test_a_test_restore_without_a_snapshot_does_nothing(mover: Mover) -> None:
    ran = mover.succeeds("check", VERIFY_SAMPLE_FILES="5", CHECK_SUBSETS="2")

    assert ran.outcome["checked"]["lastVerified"] is None


def test_a_test_restore_with_too_little_scratch_space_is_only_a_warning(mover: Mover) -> None:
    mover.succeeds("backup")
    with mounted(mover.cache / TEMPORARY, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
        ran = mover.succeeds("check", VERIFY_SAMPLE_FILES="8")

    assert ran.reasons == ["files-not-verified"]
    assert "2.3 MiB" in ran.outcome["warnings"][0]
    assert ran.outcome["checked"]["lastVerified"] is None
    assert next(iter(mover.read_marker()["volumes"].values()))["verified"] is None
    assert ran.outcome["checked"]["time"] == mover.read_marker()["checked"], "the check itself has succeeded"
