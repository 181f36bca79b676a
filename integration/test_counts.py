"""How many S3 requests and restic processes a run takes: object stores bill the one, each of the other opens a lock.

The figures do not depend on the machine. restic 0.18 and 0.19 make the same requests.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.counted import Counted, counted, counted_server
from integration.servers.counting import Traffic
from integration.servers.s3 import S3Server
from tests.support.mover_process import Mover
from tests.support.restic_versions import both_restics

pytestmark = both_restics
LONG_AGO = "2020-01-01T00:00:00Z"
KEEP_ALL = "100"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[S3Server, Traffic]]:
    with counted_server(tmp_path_factory.mktemp("s3")) as both:
        yield both


@pytest.fixture
def volume(mover: Mover, server: tuple[S3Server, Traffic]) -> Counted:
    """A volume that was backed up twice, so that restic's version and its cache are there."""
    volume = counted(mover, *server)
    volume.run("backup")
    volume.run("backup")
    return volume


def test_a_backup_with_nothing_to_forget_takes_two_processes(volume: Counted) -> None:
    cost = volume.run("backup", RETAIN_LAST=KEEP_ALL)

    assert cost.processes == 2
    assert cost.requests <= 22, cost.kinds


def test_a_backup_of_a_changed_file_takes_three_more_requests(volume: Counted) -> None:
    (volume.mover.data / "folder 1" / "file 1").write_text("changed")

    cost = volume.run("backup", RETAIN_LAST=KEEP_ALL)

    assert cost.processes == 2
    assert cost.requests <= 22 + 3, f"two packs and an index more: {cost.kinds}"


def test_a_backup_skipped_as_nothing_changed_takes_one_process(volume: Counted) -> None:
    cost = volume.run("backup", SKIP_IF_UNCHANGED="true", RETAIN_LAST=KEEP_ALL)

    assert cost.ran.outcome["snapshot"] is None
    assert cost.processes == 1
    assert cost.requests <= 12, cost.kinds


def test_a_backup_with_no_prune_or_check_due_takes_no_more_requests(volume: Counted) -> None:
    maintenance = {"PRUNE_INTERVAL_DAYS": "7", "CHECK_INTERVAL_DAYS": "7", "LAST_PRUNED": LONG_AGO}
    volume.run("backup", **maintenance, RETAIN_LAST=KEEP_ALL)

    cost = volume.run("backup", **maintenance, RETAIN_LAST=KEEP_ALL)

    assert cost.ran.operations == [("backup", "done"), ("forget", "done")]
    assert cost.processes == 2
    assert cost.requests <= 22, cost.kinds


def test_a_due_prune_shares_the_process_of_a_forget_that_removes_snapshots(volume: Counted) -> None:
    cost = volume.run("backup", RETAIN_LAST="2", PRUNE_INTERVAL_DAYS="1", LAST_PRUNED=LONG_AGO)

    assert cost.ran.operations == [("backup", "done"), ("forget", "done"), ("prune", "done")]
    assert cost.processes == 2, "forget and prune should be one process"
    assert cost.requests <= 28, cost.kinds


@pytest.mark.parametrize("interval", ["0", "1"])
def test_a_due_prune_takes_its_own_process_if_forget_removes_nothing(volume: Counted, interval: str) -> None:
    last = {"LAST_PRUNED": LONG_AGO} if interval == "1" else {}

    cost = volume.run("backup", RETAIN_LAST=KEEP_ALL, PRUNE_INTERVAL_DAYS=interval, **last)

    assert cost.ran.operations == [("backup", "done"), ("forget", "done"), ("prune", "done")]
    assert cost.processes == 3, "restic skips the prune if it forgot nothing, so it needs one of its own"
    assert cost.requests <= 33, cost.kinds


def test_a_requested_prune_takes_no_more_requests_than_a_due_one(volume: Counted) -> None:
    assert volume.run("backup", "prune", RETAIN_LAST=KEEP_ALL).requests <= 33
    assert volume.run("backup", "prune", RETAIN_LAST="2").requests <= 28


def test_a_restore_reads_each_pack_once(volume: Counted, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    packs = len([name for name in objects(volume) if name.startswith("data/")])

    cost = volume.run("restore", DATA_DIR=str(tmp_path / "empty"), RESTORE_PATH=str(volume.mover.data))

    assert cost.processes == 2
    assert cost.requests <= 16 + packs, cost.kinds


def test_a_restore_onto_an_unchanged_volume_reads_no_data(volume: Counted) -> None:
    cost = volume.run("restore")

    assert cost.requests <= 16, cost.kinds
    assert volume.traffic.received < 10_000, "the volume holds a megabyte"


def objects(volume: Counted) -> list[str]:
    address = volume.mover.settings["RESTIC_REPOSITORY"].removeprefix("s3:")
    endpoint, _, bucket = address.rpartition("/")
    key, secret = volume.mover.settings["AWS_ACCESS_KEY_ID"], volume.mover.settings["AWS_SECRET_ACCESS_KEY"]
    return S3Server(endpoint, key, secret).objects(bucket)


def test_a_check_of_the_structure_takes_one_process(volume: Counted) -> None:
    cost = volume.run("check")

    assert cost.processes == 1
    assert cost.requests <= 13 + 2 * 3, f"an index and a pack of folders for each of two snapshots: {cost.kinds}"
