"""A command that wants a Docker engine, on a machine that has none and no means for one."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
REASON = "no Docker engine answers, and none of our own can be started here: "
SAYS_WHY = (sys.executable, "-c", "import os; print(os.environ['NO_ENGINE'])")


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


def test_is_not_run_and_one_line_says_what_is_missing() -> None:
    done = bare("tools.engine", *SAYS_WHY)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(REASON)
    assert len(done.stderr.splitlines()) == 1


def test_is_told_what_is_missing_where_it_can_do_without() -> None:
    done = bare("tools.engine", "--or-without", *SAYS_WHY)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(REASON)


def test_ends_with_the_exit_code_of_the_command() -> None:
    assert bare("tools.engine", "--or-without", sys.executable, "-c", "raise SystemExit(7)").returncode == 7


def test_tests_of_the_image_fail_with_that_line_and_are_not_left_out() -> None:
    done = bare("pytest", "-q", "integration/image/test_image.py", "-k", "small", NO_ENGINE=f"{REASON}not root")

    assert done.returncode == 1, done.stdout
    assert f"{REASON}not root" in done.stdout
    assert "1 error" in done.stdout
