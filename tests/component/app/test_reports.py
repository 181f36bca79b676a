"""`mover snapshots` and `mover status`, as tables and as JSON."""

import json
import re
from pathlib import Path

import pytest

from tests.mover_process import PASSWORD, Mover, unreadable
from tests.movers import TIMES
from tests.restics import both_restics


def shown(mover: Mover, *arguments: str, **settings: str) -> str:
    result = mover.succeeds(*arguments, **settings)
    assert result.errors == ""
    return result.text


def facts(mover: Mover, **settings: str) -> dict[str, object]:
    return dict(json.loads(shown(mover, "status", "--json", **settings)))


class TestSnapshots:
    @both_restics
    def test_are_a_table_with_the_newest_first(self, history: Mover) -> None:
        head, *rows = shown(history, "snapshots").splitlines()
        assert head.split() == ["ID", "TIME", "HOST", "PATH", "FILES", "SIZE", "TAGS"]
        assert [row.split()[1] for row in rows] == [f"{time.replace(' ', 'T')}Z" for time in reversed(TIMES)]
        assert re.fullmatch(rf"\w{{8}}  \S+  volsync  {history.data}  3 +6 B", rows[0])

    @both_restics
    def test_are_restic_s_own_json(self, history: Mover) -> None:
        listed = json.loads(shown(history, "snapshots", "--json"))
        assert [snapshot["id"] for snapshot in listed] == list(reversed(history.ids()))
        assert listed[0]["paths"] == [str(history.data)]

    def test_are_those_of_this_host_and_path_unless_all_are_asked_for(self, history: Mover) -> None:
        assert "There are no snapshots of host other" in shown(history, "snapshots", RESTIC_HOST="other")
        assert json.loads(shown(history, "snapshots", "--json", RESTIC_HOST="other")) == []
        assert len(json.loads(shown(history, "snapshots", "--all", "--json", RESTIC_HOST="other"))) == len(TIMES)
        assert len(shown(history, "snapshots", "--all", RESTIC_HOST="other").splitlines()) == len(TIMES) + 1

    def test_are_those_a_restore_would_choose_from(self, history: Mover, tmp_path: Path) -> None:
        elsewhere = history.into(tmp_path / "elsewhere")
        assert len(json.loads(shown(elsewhere, "snapshots", "--json"))) == len(TIMES)

    def test_need_neither_the_volume_nor_a_lock(self, history: Mover) -> None:
        path = str(history.data)
        for locks in (history.repository / "locks").iterdir():
            locks.unlink()
        (history.repository / "locks").chmod(0o555)
        history.powerless().succeeds("snapshots", RESTORE_PATH=path)

    def test_of_a_repository_that_is_not_there_are_an_error(self, fresh: Mover) -> None:
        result = fresh.run("snapshots")
        assert (result.exit_code, result.text) == (10, "")
        assert result.errors.startswith("mover: There is no repository at this place")
        assert "There is no repository" in fresh.run("snapshots", "--json").errors

    def test_are_not_shown_to_a_wrong_password(self, mover: Mover) -> None:
        result = mover.run("snapshots", RESTIC_PASSWORD="wrong one")
        assert result.exit_code == 12
        assert "wrong one" not in result.errors


class TestStatus:
    def test_knows_nothing_before_the_first_run(self, fresh: Mover) -> None:
        found = facts(fresh)
        assert found.pop("repository") == str(fresh.repository)
        assert found.pop("markerFile") == str(fresh.marker)
        assert set(found.values()) == {None}
        assert not fresh.cache.exists(), "it only looks"

    def test_tells_a_complete_snapshot_from_a_partial_one(self, mover: Mover) -> None:
        complete = mover.succeeds("backup").outcome["snapshot"]
        unreadable(mover.data / "one")
        partial = mover.powerless().fails(3, "backup").outcome["snapshot"]
        found = facts(mover)
        assert found["lastComplete"] == {"id": complete["id"], "time": complete["time"]}
        assert found["lastSnapshot"] == {"id": partial["id"], "time": partial["time"]}

    def test_does_not_ask_the_repository(self, mover: Mover) -> None:
        mover.succeeds("backup", "prune")
        mover.repository.rename(mover.folder / "unplugged")
        assert facts(mover)["lastPruned"] == mover.remembered()["pruned"]

    def test_says_when_prune_and_check_are_due(self, mover: Mover) -> None:
        mover.succeeds("backup", "prune")
        pruned = mover.remembered()["pruned"]
        tomorrow = facts(mover, PRUNE_INTERVAL_DAYS="1", CHECK_INTERVAL_DAYS="0")
        assert pruned < str(tomorrow["pruneDue"]) < "2999"
        assert tomorrow["checkDue"] == "not known before the next run"
        assert facts(mover, PRUNE_INTERVAL_DAYS="0")["pruneDue"] == "now"
        assert facts(mover)["pruneDue"] is None

    @pytest.mark.parametrize(
        ("last_pruned", "due"),
        [("2026-01-01T00:00:00Z", "now"), ("2999-01-01T00:00:00Z", "not known before the next run")],
    )
    def test_takes_last_pruned_as_a_run_would(self, fresh: Mover, last_pruned: str, due: str) -> None:
        assert facts(fresh, LAST_PRUNED=last_pruned, PRUNE_INTERVAL_DAYS="7")["pruneDue"] == due

    def test_says_so_where_the_marker_file_is_of_no_use(self, fresh: Mover) -> None:
        fresh.cache.mkdir()
        fresh.marker.write_text("torn")
        result = fresh.succeeds("status", LOG_FORMAT="text")
        assert "is of no use" in result.errors
        assert fresh.marker.read_text() == "torn", "it only looks"

    def test_shows_no_password(self, fresh: Mover) -> None:
        text = shown(fresh, "status", RESTIC_REPOSITORY=f"rest:http://me:{PASSWORD.replace(' ', '-')}@127.0.0.1:1/")
        assert "rest:http://me:***@127.0.0.1:1/" in text


class TestTheCommandLine:
    def test_helps_without_any_setting(self, fresh: Mover) -> None:
        text = fresh.succeeds("--help", PATH="/nowhere").text
        for word in ("backup", "prune", "restore", "unlock", "check", "snapshots", "status", "RESTIC_REPOSITORY"):
            assert word in text

    def test_helps_with_each_report(self, fresh: Mover) -> None:
        for report in ("snapshots", "status"):
            assert "--json" in fresh.succeeds(report, "--help").text

    @pytest.mark.parametrize("arguments", [[], ["--no-such"], ["snapshots", "more"], ["status", "--all"]])
    def test_is_wrong_with_exit_code_2(self, fresh: Mover, arguments: list[str]) -> None:
        result = fresh.run(*arguments)
        assert result.exit_code == 2
        assert "Usage: mover" in result.text + result.errors
