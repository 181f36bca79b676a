"""What the demo was asked for, from the environment: the sample volume, or a person's own folder and repository."""

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

OF_A_PERSON = ("HOME", "LANG", "LC_ALL", "TERM", "TZ", "COLUMNS", "LINES")
"""What the commands get of the environment in any case. Other settings of the mover would change the demo."""


@dataclass(frozen=True)
class Request:
    """What to do the demo with."""

    surroundings: Mapping[str, str]
    """Of the environment, what the commands get as it is."""
    data: Path | None
    """The person's own folder; ``None``: a sample volume."""
    repository: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The variables of the person's own repository; empty: one of the demo's own."""
    ignored: tuple[str, ...] = ()
    """Variables of a repository that the sample volume is not put into."""


def read(environment: Mapping[str, str], programs: Path) -> Request:
    """Read what was asked for; ``programs`` is the folder that holds the mover.

    Raises:
        RequestError: it makes no sense.
    """
    given = {name: value for name, value in environment.items() if value.strip()}
    surroundings = {name: given[name] for name in OF_A_PERSON if name in given}
    surroundings["PATH"] = os.pathsep.join([str(programs), given.get("PATH", os.defpath)])
    named = tuple(name for name in REPOSITORY if name in given)
    if "DATA" not in given:
        return Request(surroundings, None, ignored=named)
    data = _data(given["DATA"])
    if not named:
        return Request(surroundings, data)
    return Request(surroundings, data, _repository(given, named))


def _data(given: str) -> Path:
    data = Path(given).expanduser().absolute()
    if not data.exists():
        raise RequestError(f"DATA is {given!r}: there is no such folder")
    if not data.is_dir():
        raise RequestError(f"DATA is {given!r}: it should be a folder")
    data = data.resolve()
    if not os.access(data, os.R_OK | os.X_OK):
        raise RequestError(f"DATA is {given!r}: it can't be read as this user")
    if not any(data.iterdir()):
        raise RequestError(f"DATA is {given!r}: it is empty, so there is nothing to back up")
    if Path.cwd().is_relative_to(data):
        raise RequestError(
            f"DATA is {given!r}: it contains this folder, where the restored copy will be; name another one"
        )
    _not_ours("DATA", data)
    return data


def _repository(given: Mapping[str, str], named: tuple[str, ...]) -> Mapping[str, str]:
    if not any(name in given for name in PASSWORD):
        raise RequestError(f"{named[0]} is set, but no password: add RESTIC_PASSWORD=… or RESTIC_PASSWORD_FILE=…")
    passed = {name: value for name, value in given.items() if PASSED.fullmatch(name) or name == "CUSTOM_CA"}
    for name in ("PATH", *OF_A_PERSON, "RESTIC_HOST", "RESTIC_CACHE_DIR"):
        passed.pop(name, None)
    for name in (*REPOSITORY, *PASSWORD[:2], "CUSTOM_CA"):
        if passed.get(name, "").startswith("~/"):  # not every shell expands it behind a «=»
            passed[name] = str(Path(passed[name]).expanduser())
    if "RESTIC_REPOSITORY" in passed:
        _not_ours("RESTIC_REPOSITORY", Path(passed["RESTIC_REPOSITORY"]).absolute())
    return passed


def _not_ours(name: str, path: Path) -> None:
    if path.is_relative_to(Path(PLACE).absolute()):
        raise RequestError(f"{name} is in {PLACE}/, which the demo clears away; name another place")
