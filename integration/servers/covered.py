"""Run a program that sees other files where the system's are, in a mount namespace of its own.

Run as `unshare --mount python covered.py ours:/etc/passwd … -- program …`; needs root.
It imports nothing of this project, so that it runs from any folder.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def covering(covers: Mapping[str, Path]) -> tuple[str, ...]:
    """Return what starts a program for which paths of the system are covered by files or folders of a test."""
    pairs = [f"{ours}:{system}" for system, ours in covers.items()]
    return ("unshare", "--mount", sys.executable, "-I", __file__, *pairs, "--")


def main(arguments: list[str]) -> None:
    """Cover what is to be covered, then become the program."""
    end = arguments.index("--")
    for pair in arguments[:end]:
        ours, _, system = pair.rpartition(":")
        subprocess.run(["mount", "--bind", ours, system], check=True)  # noqa: S607 - wherever the system has it
    program = arguments[end + 1 :]
    os.execvp(program[0], program)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
