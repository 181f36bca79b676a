"""`mover snapshots`, as a table and as JSON."""

import json
import re
from pathlib import Path

from tests.support.mover_process import Mover
from tests.support.movers import TIMES
from tests.support.restic_versions import both_restics


def shown(mover: Mover, *arguments: str, **settings: str) -> str:
    result = mover.succeeds(*arguments, **settings)
    assert result.errors == ""
    return result.text


@both_restics
def test_snapshots_are_a_table_with_the_newest_first(history: Mover) -> None:
    head, *rows = shown(history, "snapshots").splitlines()
    assert head.split() == ["ID", "TIME", "HOST", "PATH", "FILES", "SIZE", "TAGS"]
    assert [row.split()[1] for row in rows] == [f"{time.replace(' ', 'T')}Z" for time in reversed(TIMES)]
    assert re.fullmatch(rf"\w{{8}}  \S+  volsync  {history.data}  3 +6 B", rows[0])


@both_restics
def test_snapshots_as_json_are_those_that_restic_prints(history: Mover) -> None:
    listed = json.loads(shown(history, "snapshots", "--json"))
    assert [snapshot["id"] for snapshot in listed] == list(reversed(history.ids()))
    assert listed[0]["paths"] == [str(history.data)]


def test_snapshots_are_those_of_this_host_and_path_unless_all_are_requested(history: Mover) -> None:
    assert "--all" in shown(history, "snapshots", RESTIC_HOST="other")
    assert json.loads(shown(history, "snapshots", "--json", RESTIC_HOST="other")) == []
    assert len(json.loads(shown(history, "snapshots", "--all", "--json", RESTIC_HOST="other"))) == len(TIMES)
    assert len(shown(history, "snapshots", "--all", RESTIC_HOST="other").splitlines()) == len(TIMES) + 1


def test_snapshots_are_those_that_a_restore_chooses_from(history: Mover, tmp_path: Path) -> None:
    elsewhere = history.into(tmp_path / "elsewhere")
    assert len(json.loads(shown(elsewhere, "snapshots", "--json"))) == len(TIMES)


def test_snapshots_need_neither_the_volume_nor_a_lock(history: Mover) -> None:
    path = str(history.data)
    for locks in (history.repository / "locks").iterdir():
        locks.unlink()
    (history.repository / "locks").chmod(0o555)
    history.powerless().succeeds("snapshots", RESTORE_PATH=path)


def test_snapshots_of_a_missing_repository_are_an_error(fresh: Mover) -> None:
    result = fresh.run("snapshots")
    assert (result.exit_code, result.text) == (10, "")
    assert result.errors.startswith("mover: ")
    assert str(fresh.repository) in result.errors
    assert fresh.run("snapshots", "--json").exit_code == 10


def test_snapshots_are_not_shown_for_a_wrong_password(mover: Mover) -> None:
    result = mover.run("snapshots", RESTIC_PASSWORD="wrong one")
    assert result.exit_code == 12
    assert "wrong one" not in result.errors
