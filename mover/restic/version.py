"""The installed restic version, and the feature flags it supports.

Asking restic costs a process, so ``version_file`` keeps the answer.
"""

import re
import shutil
from pathlib import Path

from mover.exit_codes import ExitCode, Failure
from mover.restic import version_file
from mover.restic.messages import Message
from mover.restic.parsers import TextOutput
from mover.restic.process import Restic
from mover.restic.restic_command import Command
from mover.restic.version_file import DEVICE_ID_FEATURE, Version

OLDEST = (0, 18)
"""Older ones lack exit codes or JSON messages that the mover needs."""

NEWEST_KNOWN = (0, 19)
"""The newest whose feature flags are known: restic refuses to start with one it does not know."""


class _NoWatch:
    """The watch on commands that talk to no backend."""

    def handle(self, message: Message) -> None:
        """Ignore it."""

    def should_stop(self) -> bool:
        return False


def locate(path: str) -> str:
    """Find the restic executable on a search path.

    Raises:
        Failure: there is none.
    """
    executable = shutil.which("restic", path=path or None)
    if executable is None:
        raise Failure(ExitCode.USAGE, f"restic: not found on PATH ({path}); install version {_dotted(OLDEST)} or newer")
    return executable


def identify(restic: Restic, file: Path | None) -> Version:
    """Return restic's version, as remembered in a file for this executable, else by asking restic.

    Raises:
        Failure: it is too old, or not restic at all.
    """
    if file is None:
        return _ask(restic)
    version = version_file.read(file, restic.executable)
    if version is None:
        version = _ask(restic)
        version_file.write(file, restic.executable, version)
    return version


def _ask(restic: Restic) -> Version:
    """Parse ``restic 0.19.1 compiled with go1.25.1 on linux/amd64``."""
    text = " ".join(_run(restic, ["version"]))
    match = re.match(r"restic (\d+)\.(\d+)(?:\.(\d+))?", text)
    if match is None:
        raise Failure(ExitCode.USAGE, f"{restic.executable}: not restic: its version is {text[:80]!r}")
    number = (int(match[1]), int(match[2]))
    if number < OLDEST:
        too_old = f"restic {match[0].removeprefix('restic ')} is too old; install {_dotted(OLDEST)} or newer"
        raise Failure(ExitCode.USAGE, too_old)
    known = number <= NEWEST_KNOWN or any(line.startswith(DEVICE_ID_FEATURE) for line in _run(restic, ["features"]))
    return Version(match[0].removeprefix("restic "), (DEVICE_ID_FEATURE,) if known else ())


def _run(restic: Restic, arguments: list[str]) -> list[str]:
    output = TextOutput()
    if restic.run(Command(arguments), _NoWatch(), output.handle).exit_code != 0:
        restic.shutdown.check()  # a restic that was stopped has not printed its version
    return output.lines


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(str(part) for part in version)
