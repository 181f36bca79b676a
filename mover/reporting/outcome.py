"""The outcome of a run: the results of its operations, its warnings, what restic cost, and all of that as one object.

The object is what callers read: the last log record and, cut to size, the termination message. Its fields are a
contract (docs/outcome.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from mover import __version__
from mover.exit_codes import ExitCode, Failure
from mover.platform.clock import write_time
from mover.reporting import run_exit_code
from mover.reporting.operation_result import Checked, OperationResult, Restored, SavedSnapshot
from mover.restic.parsers import FailedFiles
from mover.restic.process_cost import ProcessCost
from mover.state.check_rotation import write_verified
from mover.warning_reasons import WarningReason, log_warning

MOST_WARNINGS = 5

Fact = TypeVar("Fact")


class FinishedOperation(NamedTuple):
    """An operation's result, and how long it took."""

    result: OperationResult
    seconds: float


@dataclass
class Outcome:
    """Everything a run reports about itself. The executor adds the results, everybody may add warnings."""

    operations: list[FinishedOperation] = field(default_factory=list)
    problem: Failure | None = None
    """What ended the run outside of any operation, such as bad settings."""
    warnings: list[str] = field(default_factory=list)
    restic: ProcessCost = field(default_factory=ProcessCost)

    def warn(self, reason: WarningReason, message: str) -> None:
        """Log something that did not stop the run, and keep it."""
        log_warning(reason, message)
        self.warnings.append(message)

    @property
    def results(self) -> tuple[OperationResult, ...]:
        """The results of the operations, in the order in which they ended."""
        return tuple(operation.result for operation in self.operations)

    @property
    def code(self) -> ExitCode:
        """The exit code of the run."""
        problem = [self.problem.code] if self.problem else []
        return run_exit_code.of_run([*problem, *(result.code for result in self.results)])

    @property
    def message(self) -> str:
        """One line a person can act on: what failed, or else what was done."""
        if self.problem:
            return self.problem.message
        failed = [result.message for result in self.results if result.code is self.code and result.message]
        if self.code is not ExitCode.DONE and failed:
            return failed[0]
        return "; ".join(result.message for result in self.results if result.message) or "nothing to do"

    def as_dict(self, ended: datetime) -> dict[str, Any]:
        """Return the object that is logged and written, whatever its size."""
        results = self.results
        unreadable = _last([result.unreadable for result in results]) or FailedFiles()
        pruned = _last([result.pruned for result in results])
        return {
            "time": write_time(ended),
            "level": "info" if self.code is ExitCode.DONE else "error",
            "version": __version__,
            "outcome": self.code.outcome,
            "exitCode": int(self.code),
            "message": self.message,
            "operations": [_operation(finished) for finished in self.operations],
            "snapshot": _fields(_last([result.snapshot for result in results])),
            "restored": _fields(_last([result.restored for result in results])),
            "pruned": {"time": write_time(pruned)} if pruned else None,
            "checked": _checked(_last([result.checked for result in results])),
            "unreadable": {"count": unreadable.count, "files": list(unreadable.files)},
            "warnings": self.warnings[:MOST_WARNINGS],
            "restic": _cost(self.restic),
        }


def _last(facts: Sequence[Fact | None]) -> Fact | None:
    """Return the fact of the last operation that has one."""
    return next((fact for fact in reversed(facts) if fact is not None), None)


def _operation(finished: FinishedOperation) -> dict[str, Any]:
    result = finished.result
    return {
        "operation": result.operation.value,
        "outcome": result.code.outcome,
        "seconds": round(finished.seconds, 3),
    }


def _fields(fact: SavedSnapshot | Restored | None) -> dict[str, Any] | None:
    if fact is None:
        return None
    return {k: write_time(v) if isinstance(v, datetime) else v for k, v in vars(fact).items()}


def _checked(checked: Checked | None) -> dict[str, Any] | None:
    if checked is None:
        return None
    return {
        "time": write_time(checked.time),
        "subset": checked.subset,
        "lastVerified": write_verified(checked.last_verified),
    }


def _cost(cost: ProcessCost) -> dict[str, Any]:
    return {
        "processes": cost.processes,
        "cpuSeconds": round(cost.cpu_seconds, 3),
        "peakRSSBytes": cost.peak_rss,
    }
