"""What became of a run: the exit codes, the failure an operation ends with, and the one JSON object."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mover import __version__
from mover.exit_codes import ExitCode, Failure
from mover.platform.clock import write_time

log = logging.getLogger(__name__)

LARGEST = 4096
"""Bytes. Kubernetes keeps no more of a termination message (Container.terminationMessagePath)."""

MOST_WARNINGS = 5
MOST_FILES = 5
SHORT_NAME = 80
SHORT_SENTENCE = 300


@dataclass
class OperationOutcome:
    """One operation of the run; it stays ``FAULT`` until something better is known."""

    operation: str
    code: ExitCode = ExitCode.FAULT
    seconds: float = 0.0
    message: str = ""


@dataclass(frozen=True)
class SavedSnapshot:
    """The snapshot a backup made. Files and directories are counts, ``bytes`` and ``added`` are bytes."""

    id: str
    time: datetime
    files: int
    bytes: int
    new: int
    changed: int
    added: int
    complete: bool
    """False where some of the files could not be read."""


@dataclass(frozen=True)
class Restored:
    """What a restore put into the volume; ``complete`` is false where it ended before all was there."""

    id: str
    time: datetime
    files: int
    bytes: int
    found: int
    complete: bool


@dataclass
class ResticCost:
    """What the restic processes of the run used, as the kernel accounts for it."""

    processes: int = 0
    cpu_seconds: float = 0.0
    peak_rss: int = 0
    """Bytes: the largest of them."""


@dataclass
class Unreadable:
    """Files that a partial backup or restore could not read or write: how many, and the first few."""

    count: int = 0
    files: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Count one more, and remember its name while there is room."""
        self.count += 1
        if len(self.files) < MOST_FILES:
            self.files.append(name)


@dataclass
class Outcome:
    """Everything a run has to say of itself. Operations fill it in as they come to know it."""

    operations: list[OperationOutcome] = field(default_factory=list)
    problem: Failure | None = None
    """What ended the run outside of any operation, such as bad settings."""
    snapshot: SavedSnapshot | None = None
    unchanged: bool = False
    """Nothing had changed since the last snapshot, which therefore stands for this run's."""
    restored: Restored | None = None
    pruned: datetime | None = None
    checked: Mapping[str, Any] | None = None
    unreadable: Unreadable = field(default_factory=Unreadable)
    warnings: list[str] = field(default_factory=list)
    restic: ResticCost = field(default_factory=ResticCost)

    def warn(self, sentence: str) -> None:
        """Log something that did not stop the run, and keep it."""
        log.warning(sentence)
        self.warnings.append(sentence)

    @property
    def backup_saved(self) -> bool:
        """Whether this run's backup is in the repository, so that a later failure can't undo it."""
        return self.snapshot is not None or self.unchanged

    @property
    def code(self) -> ExitCode:
        """The exit code: a stop, else partial before failed maintenance, else the first failure."""
        codes = [self.problem.code] if self.problem else []
        codes += [operation.code for operation in self.operations if operation.code is not ExitCode.DONE]
        stops = [code for code in codes if code.is_interruption]
        partial = [code for code in codes if code is ExitCode.PARTIAL]
        return next(iter([*stops, *partial, *codes]), ExitCode.DONE)

    @property
    def message(self) -> str:
        """One line a person can act on: what failed, or else what was done."""
        if self.problem:
            return self.problem.sentence
        failed = [o.message for o in self.operations if o.code is self.code and o.message]
        if self.code is not ExitCode.DONE and failed:
            return failed[0]
        return "; ".join(o.message for o in self.operations if o.message) or "There was nothing to do."

    def as_dict(self, ended: datetime) -> dict[str, Any]:
        """Return the object that is logged and written, whatever its size."""
        return {
            "time": write_time(ended),
            "level": "info" if self.code is ExitCode.DONE else "error",
            "version": __version__,
            "outcome": self.code.outcome,
            "exitCode": int(self.code),
            "message": self.message,
            "operations": [
                {"operation": o.operation, "outcome": o.code.outcome, "seconds": round(o.seconds, 3)}
                for o in self.operations
            ],
            "snapshot": _fields(self.snapshot),
            "restored": _fields(self.restored),
            "pruned": {"time": write_time(self.pruned)} if self.pruned else None,
            "checked": self.checked,
            "unreadable": {"count": self.unreadable.count, "files": list(self.unreadable.files)},
            "warnings": self.warnings[:MOST_WARNINGS],
            "restic": {
                "processes": self.restic.processes,
                "cpuSeconds": round(self.restic.cpu_seconds, 3),
                "peakRSSBytes": self.restic.peak_rss,
            },
        }


def fit(outcome: dict[str, Any], largest: int = LARGEST) -> str:
    """Write the outcome object as JSON of at most ``largest`` bytes.

    File names are cut first, then warnings, then the message; the outcome and the snapshot stay whole.
    """
    for cut in (_nothing, _short_files, _no_files, _short_warnings, _no_warnings, _short_message, _shorter_message):
        cut(outcome)
        text = json.dumps(outcome, ensure_ascii=True, separators=(",", ":"))
        if len(text) <= largest:
            break
    return text


def _nothing(_: dict[str, Any]) -> None:
    """Cut nothing: most outcomes fit."""


def _short_files(outcome: dict[str, Any]) -> None:
    outcome["unreadable"]["files"] = _shortened(outcome["unreadable"]["files"], SHORT_NAME)


def _no_files(outcome: dict[str, Any]) -> None:
    outcome["unreadable"]["files"] = []


def _short_warnings(outcome: dict[str, Any]) -> None:
    outcome["warnings"] = _shortened(outcome["warnings"], SHORT_SENTENCE)


def _no_warnings(outcome: dict[str, Any]) -> None:
    outcome["warnings"] = []


def _short_message(outcome: dict[str, Any]) -> None:
    outcome["message"] = _shortened([outcome["message"]], SHORT_SENTENCE)[0]


def _shorter_message(outcome: dict[str, Any]) -> None:
    # Escaped in JSON, a character may take twelve bytes.
    outcome["message"] = _shortened([outcome["message"]], SHORT_NAME)[0]


def _shortened(texts: Iterable[str], length: int) -> list[str]:
    return [text if len(text) <= length else text[: length - 1] + "…" for text in texts]


def _fields(fact: SavedSnapshot | Restored | None) -> dict[str, Any] | None:
    if fact is None:
        return None
    return {k: write_time(v) if isinstance(v, datetime) else v for k, v in vars(fact).items()}
