"""Run a command where a Docker engine answers: the machine's own, else one that lives as long as the command."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.engine import daemon, images
from tools.engine.programs import Programs
from tools.install import FetchError, exit_with, run

TOOLS = Path(__file__).parents[2] / ".tools"
FOLDER = TOOLS / "engine"


def with_engine(command: list[str]) -> int:
    """Run `command` and return its exit code. Raises FetchError where no engine answers and none can be started."""
    if machines_own():
        return subprocess.run(command, check=False).returncode
    try:
        daemon.check_means()
        images.check_means(TOOLS / "bin/minio")
    except FetchError as error:
        raise FetchError(f"no Docker engine answers, and none of our own can be started here: {error}") from error
    FOLDER.mkdir(parents=True, exist_ok=True)
    programs = Programs(FOLDER.resolve())
    programs.fetch()
    with daemon.running(programs, FOLDER.resolve()) as host:
        images.make(programs, host, FOLDER.resolve(), (TOOLS / "bin/minio").resolve())
        # Without a bridge, only the machine's network brings a build to the package archives.
        own = {"DOCKER_HOST": host, "DOCKER_BUILDKIT": "0", "BUILD_OPTIONS": "--network host"}
        environment = {**os.environ, **programs.environment(), **own}
        return subprocess.run(command, env=environment, check=False).returncode


def machines_own() -> bool:
    """Say whether an engine answers already: at DOCKER_HOST, or where docker looks unless told."""
    try:
        return bool(shutil.which("docker") and run("docker", "version"))
    except FetchError:
        return False


if __name__ == "__main__":
    exit_with(lambda: sys.exit(with_engine(sys.argv[1:])))
