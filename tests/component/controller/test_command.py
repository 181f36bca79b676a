"""The command `mover controller`: its help, and arguments it refuses."""

import re
import subprocess
import sys

import pytest


def run(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "mover", "controller", *arguments],
        env={"HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_controller_help_has_options_and_examples() -> None:
    code, text, _ = run("--help")
    assert code == 0
    for part in ("--namespace", "--no-spread", "--kubeconfig", "Examples:", "SIGTERM"):
        assert part in text


def test_mover_help_lists_the_controller() -> None:
    done = subprocess.run([sys.executable, "-m", "mover", "--help"], capture_output=True, text=True, check=True)
    assert re.search(r"^ +controller +\S", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "--image"),
        (["--image=x", "--health=8081"], "'--health': '8081'"),
        (["--image=x", "--health=:99999"], "'--health': ':99999'"),
        (["--image=x", "--kubeconfig=/nonexistent/file"], "/nonexistent/file"),
        (["--image=x"], ".kube/config"),
    ],
)
def test_invalid_arguments_are_reported_before_anything_starts(arguments: list[str], named: str) -> None:
    code, _, errors = run(*arguments)
    assert code == 2
    assert named in errors
    assert "Traceback" not in errors
