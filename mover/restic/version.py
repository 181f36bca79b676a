"""Which restic this is, and what differs between the versions the mover runs with."""

import contextlib
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from mover.exit_codes import ExitCode, Failure
from mover.restic.messages import Message
from mover.restic.parsers import TextOutput
from mover.restic.process import Command, Restic

OLDEST = (0, 18)
"""Older ones lack exit codes or JSON messages that the mover relies on."""

NEWEST_KNOWN = (0, 19)
"""The newest whose feature flags are known: restic refuses to start with one it does not know."""

DEVICE_ID_FEATURE = "device-id-for-hardlinks"
"""Leaves the device number out of a snapshot, which differs for each clone of a volume."""


class _NoWatch:
    """For commands that talk to no backend."""

    def handle(self, _: Message) -> None:
        """Take no notice."""

    def wants_it_stopped(self) -> bool:
        return False


@dataclass(frozen=True)
class Version:
    """A version of restic, and the feature flags it may be started with."""

    text: str
    features: tuple[str, ...]


def locate(path: str) -> str:
    """Find the restic executable on a search path.

    Raises:
        Failure: there is none.
    """
    executable = shutil.which("restic", path=path or None)
    if executable is None:
        raise Failure(
            ExitCode.USAGE, f"restic is not on the PATH ({path}); install version {_written(OLDEST)} or newer."
        )
    return executable


def identify(restic: Restic, memory: Path | None) -> Version:
    """Say which restic this is; what was found is kept in a file for the next run of the same executable.

    Raises:
        Failure: it is too old, or no restic at all.
    """
    stamp = _stamp(restic.executable)
    known = _recall(memory, stamp)
    if known is None:
        known = _ask(restic)
        _keep(memory, stamp, known)
    return known


def _ask(restic: Restic) -> Version:
    told = " ".join(_run(restic, ["version"]))
    match = re.match(r"restic (\d+)\.(\d+)(?:\.(\d+))?", told)
    if match is None:
        raise Failure(ExitCode.USAGE, f"{restic.executable} is not restic: it calls itself {told[:80]!r}.")
    number = (int(match[1]), int(match[2]))
    if number < OLDEST:
        sentence = f"restic {match[0].removeprefix('restic ')} is too old; install {_written(OLDEST)} or newer."
        raise Failure(ExitCode.USAGE, sentence)
    listed = number <= NEWEST_KNOWN or any(line.startswith(DEVICE_ID_FEATURE) for line in _run(restic, ["features"]))
    return Version(match[0].removeprefix("restic "), (DEVICE_ID_FEATURE,) if listed else ())


def _run(restic: Restic, arguments: list[str]) -> list[str]:
    answer = TextOutput()
    if restic.run(Command(arguments), _NoWatch(), answer.handle).exit_code != 0:
        restic.stopping.check()  # a restic that was stopped has not said what it is
    return answer.lines


def _stamp(executable: str) -> str:
    path = Path(executable).resolve()
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}"


def _recall(memory: Path | None, stamp: str) -> Version | None:
    """Read what an earlier run found; anything odd is as good as nothing."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        if memory:
            with memory.open() as file:
                fields = json.loads(file.read(10_000))
            if fields["executable"] == stamp and set(fields["features"]) <= {DEVICE_ID_FEATURE}:
                return Version(str(fields["version"]), tuple(fields["features"]))
    return None


def _keep(memory: Path | None, stamp: str, version: Version) -> None:
    """Write it beside the marker file; the next run asks again where that fails."""
    with contextlib.suppress(OSError):
        if memory:
            memory.write_text(json.dumps({"executable": stamp, "version": version.text, "features": version.features}))


def _written(version: tuple[int, int]) -> str:
    return ".".join(str(part) for part in version)
