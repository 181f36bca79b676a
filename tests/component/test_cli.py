"""The command line: its help, and arguments it refuses."""

import pytest

from tests.support.mover_process import Mover


def test_help_works_without_settings(fresh: Mover) -> None:
    text = fresh.succeeds("--help", PATH="/nowhere").text
    for word in ("backup", "prune", "restore", "unlock", "check", "snapshots", "status", "RESTIC_REPOSITORY"):
        assert word in text


def test_each_report_has_help_of_its_own(fresh: Mover) -> None:
    for report in ("snapshots", "status"):
        assert "--json" in fresh.succeeds(report, "--help").text


@pytest.mark.parametrize("arguments", [[], ["--no-such"], ["snapshots", "more"], ["status", "--all"]])
def test_a_wrong_command_line_is_exit_code_2_with_the_usage(fresh: Mover, arguments: list[str]) -> None:
    result = fresh.run(*arguments)
    assert result.exit_code == 2
    assert "Usage: mover" in result.text + result.errors


def test_the_usage_is_shown_with_single_spaces(fresh: Mover) -> None:
    for arguments in ([], ["backup"], ["snapshots"]):
        usage = fresh.succeeds(*arguments, "--help").text.splitlines()[0]
        assert usage.startswith("Usage: mover ")
        assert "  " not in usage
