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


def test_help_says_what_it_does_and_shows_examples() -> None:
    code, said, _ = run("--help")
    assert code == 0
    for part in ("--namespace", "--no-spread", "--kubeconfig", "Examples:", "SIGTERM"):
        assert part in said


def test_the_mover_lists_it_among_its_commands() -> None:
    done = subprocess.run([sys.executable, "-m", "mover", "--help"], capture_output=True, text=True, check=True)
    assert re.search(r"controller +Serve ReplicationSources", done.stdout)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Missing option '--image'"),
        (["--image=x", "--health=8081"], "'8081' is not HOST:PORT"),
        (["--image=x", "--health=:99999"], "':99999' is not HOST:PORT"),
        (["--image=x", "--kubeconfig=/nonexistent/file"], "/nonexistent/file"),
        (["--image=x"], "No usable credentials for the Kubernetes API"),
    ],
)
def test_what_is_missing_or_wrong_is_said_before_anything_starts(arguments: list[str], sentence: str) -> None:
    code, _, said = run(*arguments)
    assert code == 2
    assert sentence in said
    assert "Traceback" not in said
