"""A command that needs a Docker engine, on a machine that has none and no means for one; and an engine of our own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.engine import MISSING
from tools.offline.engine.programs import Programs

ROOT = Path(__file__).parents[3]
PRINT_REASON = (sys.executable, "-c", f"import os; print(os.environ['{MISSING}'])")


def bare(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program of Python's on a machine without any other."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={"PATH": "/nowhere", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_command_is_not_run_without_an_engine_and_one_line_names_the_reason() -> None:
    process = bare("tools.engine", *PRINT_REASON)

    assert process.returncode == 1
    assert process.stdout == ""
    assert len(process.stderr.splitlines()) == 1


def test_a_command_that_can_do_without_an_engine_gets_the_reason() -> None:
    process = bare("tools.engine", "--or-without", *PRINT_REASON)

    assert process.returncode == 0, process.stderr
    assert process.stdout == bare("tools.engine", *PRINT_REASON).stderr


def test_the_exit_code_is_that_of_the_command() -> None:
    assert bare("tools.engine", "--or-without", sys.executable, "-c", "raise SystemExit(7)").returncode == 7


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    """The packages of Debian, unpacked without those that the machine has installed."""
    return Programs(tmp_path)


def test_extensions_of_iptables_are_found_where_they_were_unpacked(programs: Programs) -> None:
    extensions = programs.root / "usr/lib/x86_64-linux-gnu/xtables"
    extensions.mkdir(parents=True)

    assert programs.environment()["XTABLES_LIBDIR"] == str(extensions)
    assert programs.environment()["LD_LIBRARY_PATH"] == str(extensions.parent)


def test_extensions_of_a_machine_that_has_iptables_are_not_hidden(programs: Programs) -> None:
    programs.root.mkdir()

    assert not {"XTABLES_LIBDIR", "LD_LIBRARY_PATH"} & programs.environment().keys()
