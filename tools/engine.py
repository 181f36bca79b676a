"""Run a command with a Docker engine: the machine's, else one of our own for as long as the command runs."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from tools.install import FetchError, exit_with, run
from tools.offline import engine as offline

MISSING = "NO_ENGINE"
"""The variable that gives a command the reason why there is none."""


def with_engine(command: list[str], *, or_without: bool) -> int:
    """Run `command` and return its exit code.

    If no engine is running and none can be started, FetchError is raised, or the
    command is run all the same, with the reason in NO_ENGINE.
    """
    with ExitStack() as stack:
        try:
            variables = stack.enter_context(available())
        except FetchError as error:
            if not or_without:
                raise
            variables = {MISSING: str(error)}
        return subprocess.run(command, env={**os.environ, **variables}, check=False).returncode


@contextmanager
def available() -> Iterator[Mapping[str, str]]:
    """Yield the variables with which docker finds an engine, for as long as the block lasts. Raises FetchError."""
    with ExitStack() as stack:
        try:
            variables = {} if machine_has_one() else stack.enter_context(offline.running())
        except FetchError as error:
            raise FetchError(f"no Docker engine is running, and none can be started here: {error}") from error
        yield variables


def machine_has_one() -> bool:
    """Say whether an engine responds at DOCKER_HOST, or at docker's default address."""
    try:
        return bool(shutil.which("docker") and run("docker", "version"))
    except FetchError:
        return False


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tools.engine", description=__doc__)
    parser.add_argument("--or-without", action="store_true", help=f"run it without one, with the reason in {MISSING}")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    exit_with(lambda: sys.exit(with_engine(chosen.command, or_without=chosen.or_without)))
