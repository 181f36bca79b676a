"""How a mover's Job ended, from the Job, its pods, and the outcome object in their termination message.

The outcome object is what the mover writes as one line of JSON when it ends (mover.reporting.outcome):
``{"version": "0.1.0", "outcome": "done", "exitCode": 0, "message": "…", "snapshot": {…}, …}``.
The termination message is untrusted, because file contents can influence it: only fields with the expected
type and size that agree with the pod's status are used.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mover.config.operation import Operation
from mover.controller.api.conditions import Reason, reason_of
from mover.controller.api.timestamps import api_time, parse_past_time, parse_time
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.job import CONTAINER
from mover.controller.resources.pod_diagnosis import container_statuses, pods_of, termination_of
from mover.exit_codes import ExitCode
from mover.platform.termination_log import LARGEST_BYTES

MOST_WARNINGS = 5
SHA256_DIGITS = 64

SNAPSHOT_FIELDS = {"id": str, "time": str, "files": int, "bytes": int, "new": int, "changed": int, "added": int}
RESTORED_FIELDS = {"id": str, "time": str, "files": int, "bytes": int, "found": int}


@dataclass(frozen=True)
class JobResult:
    """How a Job ended."""

    code: ExitCode | None
    """The exit code of the mover; None: unknown."""
    message: str
    time: datetime
    outcome: Mapping[str, Any] = field(default_factory=dict)
    """The outcome object; anything may be in it."""
    has_pod: bool = True
    """False if no pod shows how it ended: it is gone, or its end is not observed yet, after that of its Job."""

    @property
    def reason(self) -> str:
        """The reason of the condition, if this is a failure."""
        return Reason.NO_OUTCOME if self.code is None else reason_of(self.code)

    @property
    def warnings(self) -> list[str]:
        """The warnings of the mover."""
        warnings = self.outcome.get("warnings")
        return [str(warning) for warning in warnings[:MOST_WARNINGS]] if isinstance(warnings, list) else []

    def time_of(self, name: str) -> str | None:
        """Return when the mover ``pruned`` or ``checked``; None: it did not, or the time is invalid."""
        entry = self.outcome.get(name)
        time = entry.get("time") if isinstance(entry, dict) else None
        return time if parse_past_time(time, self.time) else None

    def failed_maintenance(self) -> list[str]:
        """Return which maintenance operations failed: forget, prune, check."""
        operations = self.outcome.get("operations")
        entries = [o for o in operations if isinstance(o, dict)] if isinstance(operations, list) else []
        failed = [o.get("operation") for o in entries if o.get("outcome") != "done"]
        return [operation for operation in Operation if operation.is_maintenance and operation in failed]

    def snapshot(self) -> dict[str, Any] | None:
        """The snapshot that was saved, as a status has it."""
        return _valid_fields(self.outcome.get("snapshot"), SNAPSHOT_FIELDS)

    def restored(self) -> dict[str, Any] | None:
        """What was restored, as a status has it."""
        return _valid_fields(self.outcome.get("restored"), RESTORED_FIELDS)


def is_finished(job: KubernetesObject) -> bool:
    """Whether the Job has ended."""
    return bool(_final_conditions(job))


def read_job_result(job: KubernetesObject, pods: Iterable[KubernetesObject], now: datetime) -> JobResult:
    """Return how a Job that `is_finished` ended."""
    conditions = _final_conditions(job)
    is_complete = "Complete" in conditions
    final = conditions["Complete" if is_complete else "Failed"]
    ended = api_time(final.get("lastTransitionTime"), now)
    if is_complete:
        ended = api_time((job.get("status") or {}).get("completionTime"), ended)
    terminated = _termination(pods_of(job, pods), succeeded=is_complete)
    return _of_job(final, ended) if terminated is None else _of_pod(terminated, ended)


def _final_conditions(job: KubernetesObject) -> dict[str, dict[str, Any]]:
    conditions = (job.get("status") or {}).get("conditions") or []
    return {c["type"]: c for c in conditions if c.get("status") == "True" and c["type"] in {"Complete", "Failed"}}


def _termination(pods: list[KubernetesObject], *, succeeded: bool) -> Mapping[str, Any] | None:
    """Return how the mover's container ended, in the pod that decided how the Job ended."""
    decisive = [p for p in pods if ((p.get("status") or {}).get("phase") == "Succeeded") is succeeded]
    statuses = [status for pod in decisive for status in container_statuses(pod)]
    ends = [termination_of(status) for status in statuses if status.get("name") == CONTAINER]
    return next((end for end in reversed(ends) if end), None)


def _of_job(final: Mapping[str, Any], ended: datetime) -> JobResult:
    if final["type"] == "Complete":
        message = "Mover succeeded, but its pod and termination message are gone"
        return JobResult(ExitCode.DONE, message, ended, has_pod=False)
    cause = ": ".join(filter(None, (str(final.get("reason") or ""), str(final.get("message") or ""))))
    return JobResult(None, f"Job failed and its pod is gone: {cause or 'no reason given'}", ended, has_pod=False)


def _of_pod(terminated: Mapping[str, Any], ended: datetime) -> JobResult:
    exit_code, outcome = terminated.get("exitCode"), _parse(terminated.get("message"))
    code, message = outcome.get("exitCode"), outcome.get("message")
    is_valid = isinstance(code, int) and not isinstance(code, bool) and isinstance(message, str)
    # With TREAT_AS_SUCCESS a mover exits with 0, but its outcome stays what it was.
    if is_valid and code in list(ExitCode) and exit_code in {0, code}:
        return JobResult(ExitCode(code), message or "Mover gave no reason", ended, outcome)
    if terminated.get("reason") == "OOMKilled":
        message = "Mover was OOM-killed; raise moverResources.limits.memory"
        return JobResult(ExitCode.OUT_OF_MEMORY, message, ended)
    if exit_code == 0:
        message = "Mover succeeded, but its termination message could not be parsed"
        return JobResult(ExitCode.DONE, message, ended)
    known = ExitCode(exit_code) if exit_code in set(ExitCode) else None
    message = f"Mover ended with exit code {exit_code} and no valid termination message; see the log of its pod"
    return JobResult(known, message, ended)


def _parse(message: object) -> dict[str, Any]:
    """Parse the outcome object in a termination message; empty if there is none."""
    if not isinstance(message, str) or len(message) > 4 * LARGEST_BYTES:
        return {}
    try:
        outcome = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return outcome if isinstance(outcome, dict) else {}


def _valid_fields(entry: object, types: Mapping[str, type]) -> dict[str, Any] | None:
    """Return the fields that have the right type and a plausible value."""
    if not isinstance(entry, dict):
        return None
    fields = {
        name: entry[name]
        for name, type_ in types.items()
        if isinstance(entry.get(name), type_) and not isinstance(entry[name], bool) and _is_plausible(name, entry[name])
    }
    complete = entry.get("complete")
    return fields | ({"complete": complete} if isinstance(complete, bool) else {}) if fields else None


def _is_plausible(name: str, value: str | int) -> bool:
    if isinstance(value, int):
        return 0 <= value < 2**63
    return parse_time(value) is not None if name == "time" else len(value) <= SHA256_DIGITS and value.isalnum()
