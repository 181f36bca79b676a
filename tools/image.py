"""Build the container image, with the restic project's own image as the source of restic if that can be had.

Settings are variables of the environment, as `make image NAME=value` gives them.
"""

import argparse
import os
import re
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.install import FetchError, exit_with

ROOT = Path(__file__).parents[1]
DEFAULT = re.compile(r"^ARG RESTIC_IMAGE=(\S+)$", re.MULTILINE)
PACKAGED = "packaged"
"""The stage of the Dockerfile that takes restic from Debian's packages instead."""
ARGUMENTS = ("PIP_INDEX_URL", "RCLONE", "RESTIC_IMAGE")
REGISTRY_SECONDS = 15.0
"""How long a registry can take to begin its response."""

VARIANTS: Mapping[str, Mapping[str, str]] = {
    "": {},
    "-complete": {"RCLONE": "yes"},
    f"-{PACKAGED}": {"RESTIC_IMAGE": PACKAGED},
}
"""The images that the tests run, by what follows the name: as it is by default, with rclone, with Debian's restic."""


def default_restic_image() -> str:
    """Return the image that the Dockerfile takes restic from."""
    if match := DEFAULT.search((ROOT / "Dockerfile").read_text()):
        return match[1]
    raise FetchError("Dockerfile: no line ARG RESTIC_IMAGE=…")


def restic_image() -> str:
    """Return where to take restic from: RESTIC_IMAGE, else the default, else Debian's package, which is reported."""
    if given := os.environ.get("RESTIC_IMAGE"):
        return given
    image = default_restic_image()
    if _is_held(image):
        return image
    try:
        _pull(image)
    except FetchError as error:
        # An engine without a registry may hold a stand-in, which has no digest.
        if _is_held(tag := image.partition("@")[0]):
            return tag
        print(f"{image}: {error}; building with Debian's restic, which has no Azure backend", file=sys.stderr)
        return PACKAGED
    return image


def _is_held(image: str) -> bool:
    return subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0


def _pull(image: str) -> None:
    """Have the engine fetch `image`. Raises FetchError if its registry does not respond in time, or refuses."""
    command = ["docker", "pull", image]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        # docker writes its first line when the registry has responded, or when it has given up.
        pipes = [pipe for pipe in (process.stdout, process.stderr) if pipe]
        if not select.select(pipes, [], [], REGISTRY_SECONDS)[0]:
            process.kill()
            raise FetchError(f"no response from its registry within {REGISTRY_SECONDS:.0f} s")
        _, errors = process.communicate()
    if process.returncode:
        raise FetchError((errors.strip() or "cannot be pulled").splitlines()[-1])


def build(tag: str, settings: Mapping[str, str], *options: str) -> None:
    """Build the image with `settings`, some of ARGUMENTS. Raises FetchError; docker has written why."""
    arguments = [f"--build-arg={name}={settings[name]}" for name in ARGUMENTS if settings.get(name)]
    # As the tests' engine needs it, which has no network of its own to build in.
    given = os.environ.get("BUILD_OPTIONS", "").split()
    command = ["docker", "build", *given, *options, *arguments, "--tag", tag, str(ROOT)]
    if subprocess.run(command, check=False).returncode:
        raise FetchError(f"{tag}: docker build failed")


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(prog="tools.image", description=__doc__)
    parser.add_argument("--variants", action="store_true", help="build every image that the tests run")
    parser.add_argument("tag")
    chosen = parser.parse_args()
    settings = {**os.environ, "RESTIC_IMAGE": restic_image()}
    if chosen.variants:
        for suffix, changed in VARIANTS.items():
            build(f"{chosen.tag}{suffix}", {**settings, **changed}, "--quiet")
    else:
        build(chosen.tag, settings)


if __name__ == "__main__":
    exit_with(main)
