"""Progress as a person sees it, on a terminal."""

import json
import re

from tests.support import volumes
from tests.support.fake_restic import as_lines, fake_restic
from tests.support.mover_process import PASSWORD, Mover
from tests.support.terminal import Terminal

REDRAWN = "\r\x1b[2K"


def on_a_terminal(columns: int, mover: Mover, *arguments: str, **settings: str) -> tuple[int, str]:
    """Run a mover on a terminal; return its exit code, and everything that was shown."""
    return Terminal(columns).run(mover.command(*arguments), mover.environment(**settings), mover.folder)


def test_a_backup_on_a_terminal_shows_a_bar_and_then_a_summary(mover: Mover) -> None:
    with (mover.data / "large").open("wb") as large:
        large.truncate(300 * volumes.MIB)
    code, shown = on_a_terminal(200, mover, "backup", "prune", RESTIC_PROGRESS_FPS="60")
    assert code == 0
    bars = re.findall(r"\[#*\.*\] +\d+%  \d+ \D+ \d+ [^\r]*", shown)
    assert bars, f"no bar in {shown!r}"
    *_, backup, prune, cost, last, _ = shown.split("\r\n")
    assert re.fullmatch(rf"backup +done +\d+\.\d s  \D+ {mover.ids()[0][:8]} \D+ 4 \D+ 300\.0 MiB", backup)
    assert re.fullmatch(r"prune +done +\d+\.\d s  \w+", prune)
    assert re.fullmatch(r"restic +\d \D+ \d+\.\d s \D+ \d+\.\d MiB \D+", cost)
    assert last.startswith("Restic completed in")
    assert PASSWORD not in shown


def test_a_bar_fits_the_terminal_and_is_erased_before_other_text(fresh: Mover) -> None:
    status = {"message_type": "status", "total_files": 4, "files_done": 2, "total_bytes": 4, "bytes_done": 1}
    words = {"message_type": "exit_error", "code": 1, "message": "Fatal: not today"}
    failing = fresh.with_restic(fake_restic(fresh.folder, backup=f"{as_lines(status, words)}; exit 1"))
    code, shown = on_a_terminal(40, failing, "backup")
    assert code == 1
    (drawn,) = re.findall(r"\x1b\[2K(\[[^\r]*)\r", shown)
    assert len(drawn) <= 39
    assert f"{REDRAWN}ERROR: " in shown


def test_the_log_on_a_terminal_can_be_json(mover: Mover) -> None:
    code, shown = on_a_terminal(80, mover, "unlock", LOG_FORMAT="json")
    assert code == 0
    assert json.loads(shown.splitlines()[-1])["outcome"] == "done"
    assert "\x1b" not in shown
