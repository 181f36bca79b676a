"""Run a command where a Docker engine answers: the machine's own, else one that lives as long as the command."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tools.engine import daemon, images
from tools.engine.programs import Programs
from tools.install import FetchError, exit_with, run

TOOLS = Path(__file__).parents[2] / ".tools"
FOLDER = TOOLS / "engine"
BINARIES = images.Binaries((TOOLS / "bin/minio").resolve(), (TOOLS / "complete/restic").resolve())
MISSING = "NO_ENGINE"
"""The variable that tells a command why it has to do without."""


def with_engine(command: list[str], *, or_without: bool) -> int:
    """Run `command` and return its exit code.

    Where no engine answers and none can be started FetchError is raised, or the
    command is run all the same, with the reason in NO_ENGINE.
    """
    with ExitStack() as stack:
        try:
            variables = stack.enter_context(answering())
        except FetchError as error:
            if not or_without:
                raise
            variables = {MISSING: str(error)}
        return subprocess.run(command, env={**os.environ, **variables}, check=False).returncode


@contextmanager
def answering() -> Iterator[Mapping[str, str]]:
    """Yield the variables with which docker finds an engine, for as long as the block lasts. Raises FetchError."""
    with ExitStack() as stack:
        try:
            variables = {} if machines_own() else stack.enter_context(_our_own())
        except FetchError as error:
            raise FetchError(f"no Docker engine answers, and none of our own can be started here: {error}") from error
        yield variables


@contextmanager
def _our_own() -> Iterator[Mapping[str, str]]:
    daemon.check_means()
    images.check_means(BINARIES)
    print("no Docker engine answers: using one of our own, from Debian's packages", file=sys.stderr)
    FOLDER.mkdir(parents=True, exist_ok=True)
    programs = Programs(FOLDER.resolve())
    programs.fetch()
    with daemon.running(programs, FOLDER.resolve()) as host:
        images.make(programs, host, FOLDER.resolve(), BINARIES)
        # Without a bridge, only the machine's network brings a build to the package archives.
        own = {"DOCKER_HOST": host, "DOCKER_BUILDKIT": "0", "BUILD_OPTIONS": "--network host"}
        yield {**programs.environment(), **own}
    print(
        "the engine of our own has ended; what it built is kept for the next time, in no other engine", file=sys.stderr
    )


def machines_own() -> bool:
    """Say whether an engine answers already: at DOCKER_HOST, or where docker looks unless told."""
    try:
        return bool(shutil.which("docker") and run("docker", "version"))
    except FetchError:
        return False


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tools.engine", description=__doc__)
    parser.add_argument("--or-without", action="store_true", help=f"run it without an engine, and say why in {MISSING}")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    exit_with(lambda: sys.exit(with_engine(chosen.command, or_without=chosen.or_without)))
