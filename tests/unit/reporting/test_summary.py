"""The end of a run as people read it."""

from mover.exit_codes import ExitCode, Failure
from mover.reporting.outcome import Outcome
from mover.reporting.summary import summarize
from mover.restic.process_cost import ProcessCost


def test_says_what_restic_cost() -> None:
    cost = ProcessCost(processes=2, cpu_seconds=1.25, peak_rss=3 << 20)
    (line,) = summarize(Outcome(problem=Failure(ExitCode.LOCKED, "locked"), restic=cost), 1.0)
    assert line.startswith("restic ")
    assert "3.0 MiB" in line


def test_says_nothing_of_restic_if_none_ran() -> None:
    assert summarize(Outcome(problem=Failure(ExitCode.USAGE, "DATA_DIR: wrong")), 0.0) == []
