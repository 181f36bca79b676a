"""What the demo was asked for, from the environment: the sample volume, or the user's own folder and repository."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mover.config.restic_variables import PASSED
from tools.demo.failure import RequestError

REPOSITORY = ("RESTIC_REPOSITORY", "RESTIC_REPOSITORY_FILE")
PASSWORD = ("RESTIC_PASSWORD", "RESTIC_PASSWORD_FILE", "RESTIC_PASSWORD_COMMAND")

PLACE = ".demo"
"""The demo's own folder, in the folder where it runs."""

PASSED_THROUGH = ("HOME", "LANG", "LC_ALL", "TERM", "TZ", "COLUMNS", "LINES")
"""Variables that the commands get in any case. Other settings of the mover would change the demo."""


@dataclass(frozen=True)
class Request:
    """What to run the demo with."""

    environment: Mapping[str, str]
    """Variables that the commands get as they are."""
    data: Path | None
    """The user's own folder; ``None``: a sample volume."""
    repository: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The variables of the user's own repository; empty: one of the demo's own."""
    ignored: tuple[str, ...] = ()
    """Variables of a repository that the sample volume is not put into."""


def read(environment: Mapping[str, str], programs: Path) -> Request:
    """Read what was asked for; ``programs`` is the folder that holds the mover.

    Raises:
        RequestError: it is invalid.
    """
    given = {name: value for name, value in environment.items() if value.strip()}
    passed = {name: given[name] for name in PASSED_THROUGH if name in given}
    passed["PATH"] = os.pathsep.join([str(programs), given.get("PATH", os.defpath)])
    named = tuple(name for name in REPOSITORY if name in given)
    if "DATA" not in given:
        return Request(passed, None, ignored=named)
    data = _data(given["DATA"])
    if not named:
        return Request(passed, data)
    return Request(passed, data, _repository(given, named))


def _data(given: str) -> Path:
    data = Path(given).expanduser().absolute()
    if not data.exists():
        raise RequestError(f"DATA: no such directory: {given!r}")
    if not data.is_dir():
        raise RequestError(f"DATA: {given!r} is not a directory")
    data = data.resolve()
    if not os.access(data, os.R_OK | os.X_OK):
        raise RequestError(f"DATA: cannot read {given!r} as uid {os.geteuid()}: permission denied")
    if not any(data.iterdir()):
        raise RequestError(f"DATA: {given!r} is empty: nothing to back up")
    if Path.cwd().is_relative_to(data):
        raise RequestError(
            f"DATA: {given!r} contains the current directory, which the restored copy is put into; name another one"
        )
    _require_outside("DATA", data)
    return data


def _repository(given: Mapping[str, str], named: tuple[str, ...]) -> Mapping[str, str]:
    if not any(name in given for name in PASSWORD):
        raise RequestError(f"{named[0]} is set without a password: set RESTIC_PASSWORD or RESTIC_PASSWORD_FILE")
    passed = {name: value for name, value in given.items() if PASSED.fullmatch(name) or name == "CUSTOM_CA"}
    for name in ("PATH", *PASSED_THROUGH, "RESTIC_HOST", "RESTIC_CACHE_DIR"):
        passed.pop(name, None)
    for name in (*REPOSITORY, *PASSWORD[:2], "CUSTOM_CA"):
        if passed.get(name, "").startswith("~/"):  # not every shell expands it behind an equals sign
            passed[name] = str(Path(passed[name]).expanduser())
    if "RESTIC_REPOSITORY" in passed:
        _require_outside("RESTIC_REPOSITORY", Path(passed["RESTIC_REPOSITORY"]).absolute())
    return passed


def _require_outside(name: str, path: Path) -> None:
    if path.is_relative_to(Path(PLACE).absolute()):
        raise RequestError(f"{name} is in {PLACE}/, which the demo removes; name another place")
