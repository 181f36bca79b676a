"""How a mover's Job ended, from the Job, its pods, and the outcome object in their termination message.

Whoever can write the data can perhaps make the mover write strange things: nothing of the message is believed beyond
its type, its size, and what else is known of the pod.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mover.controller.api.conditions import Reason, reason_of
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.job import CONTAINER
from mover.exit_codes import ExitCode
from mover.platform.clock import read_time
from mover.reporting.outcome import LARGEST

COUNTED = {ExitCode.DONE, ExitCode.PARTIAL, ExitCode.MAINTENANCE_FAILED}
"""After these a backup is saved."""

UPKEEP = ("forget", "prune", "check")
DISRUPTION = "DisruptionTarget"
MOST_DISRUPTED = 3
PATIENCE = timedelta(minutes=1)
"""How long a Job may be without a running pod before anybody is told."""

SNAPSHOT_FIELDS = {"id": str, "time": str, "files": int, "bytes": int, "new": int, "changed": int, "added": int}
RESTORED_FIELDS = {"id": str, "time": str, "files": int, "bytes": int, "found": int}


@dataclass(frozen=True)
class JobResult:
    """How a Job ended."""

    code: ExitCode | None
    """None: there is no telling."""
    sentence: str
    time: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The outcome object; anything may be in it."""
    is_told: bool = True
    """False where no pod tells: it has gone, or its end has not been seen yet, as Jobs and pods are seen apart."""

    @property
    def reason(self) -> str:
        """The reason of the condition, where this is a failure."""
        return Reason.NO_OUTCOME if self.code is None else reason_of(self.code)

    @property
    def warnings(self) -> list[str]:
        """What the mover warned of."""
        found = self.facts.get("warnings")
        return [str(warning) for warning in found[:5]] if isinstance(found, list) else []

    def time_of(self, name: str) -> str | None:
        """When the mover pruned or checked, if it did."""
        found = self.facts.get(name)
        told = found.get("time") if isinstance(found, dict) else None
        return told if isinstance(told, str) and _is_past(told, self.time) else None

    def failed_upkeep(self) -> list[str]:
        """Which of forget, prune and check did not do what they were to."""
        found = self.facts.get("operations")
        ran = [o for o in found if isinstance(o, dict)] if isinstance(found, list) else []
        failed = [o.get("operation") for o in ran if o.get("outcome") != "done"]
        return [name for name in UPKEEP if name in failed]

    def snapshot(self) -> dict[str, Any] | None:
        """The snapshot that was saved, as a status has it."""
        return _picked(self.facts.get("snapshot"), SNAPSHOT_FIELDS)

    def restored(self) -> dict[str, Any] | None:
        """What was restored, as a status has it."""
        return _picked(self.facts.get("restored"), RESTORED_FIELDS)


def pods_of(job: KubernetesObject, pods: Iterable[KubernetesObject]) -> list[KubernetesObject]:
    """Return the pods of a Job, the newest last."""
    uid = job["metadata"]["uid"]
    found = [p for p in pods if any(o.get("uid") == uid for o in p["metadata"].get("ownerReferences") or [])]
    return sorted(found, key=lambda pod: str(pod["metadata"].get("creationTimestamp")))


def job_result_of(job: KubernetesObject, pods: Iterable[KubernetesObject], now: datetime) -> JobResult | None:
    """Return how the Job ended, or None while it has not."""
    conditions = _final(job)
    final = conditions.get("Complete") or conditions.get("Failed")
    if final is None:
        return None
    ended = _time(final.get("lastTransitionTime"), now)
    if "Complete" in conditions:
        ended = _time((job.get("status") or {}).get("completionTime"), ended)
    terminated = _terminated(pods_of(job, pods), succeeded="Complete" in conditions)
    if terminated is None:
        if "Complete" in conditions:
            sentence = "The mover has done its work; its pod is gone, and what it told with it."
            return JobResult(ExitCode.DONE, sentence, ended, is_told=False)
        why = ": ".join(filter(None, (str(final.get("reason") or ""), str(final.get("message") or ""))))
        return JobResult(None, f"The Job failed, and its pod is gone ({why}).", ended, is_told=False)
    return _told(terminated, ended)


def is_finished(job: KubernetesObject) -> bool:
    """Whether the Job has come to its end."""
    return bool(_final(job))


def disrupted(pods: Iterable[KubernetesObject]) -> list[str]:
    """Return the uids of the pods that were evicted, or lost their node."""
    return [str(pod["metadata"]["uid"]) for pod in pods if _condition(pod, DISRUPTION).get("status") == "True"]


def has_started(pods: Iterable[KubernetesObject]) -> bool:
    """Whether a container of one of the pods runs, or ever has."""
    return any(status.get("state", {}).get("running") or _end(status) for pod in pods for status in _containers(pod))


def hindrance(job: KubernetesObject, pods: list[KubernetesObject], now: datetime) -> str:
    """Say why the mover does not start, in the words of Kubernetes; empty where all is well, so far."""
    if has_started(pods):
        return ""
    for pod in pods:
        unscheduled = _condition(pod, "PodScheduled")
        if unscheduled.get("status") == "False":
            return f"No node takes the mover's pod: {unscheduled.get('message') or unscheduled.get('reason')}"
        for status in _containers(pod):
            waiting = status.get("state", {}).get("waiting") or {}
            if waiting.get("reason") not in {None, "ContainerCreating", "PodInitializing"}:
                return (
                    f"The mover's pod can't start: {waiting['reason']}: {waiting.get('message') or 'no more is told'}"
                )
    if now < made_at(job, now) + PATIENCE:
        return ""
    if pods:
        name = pods[-1]["metadata"]["name"]
        return f"The mover's pod has not started for a minute: kubectl describe pod {name} says which volume it misses."
    described = f"kubectl describe job {job['metadata']['name']} says why"
    return (
        f"The Job has no pod: {described}, most often Pod Security (set moverSecurityContext), a quota, or no account."
    )


def made_at(job: KubernetesObject, now: datetime) -> datetime:
    """Return when the Job was made."""
    return _time(job["metadata"].get("creationTimestamp"), now)


def _final(job: KubernetesObject) -> dict[str, dict[str, Any]]:
    conditions = (job.get("status") or {}).get("conditions") or []
    return {c["type"]: c for c in conditions if c.get("status") == "True" and c["type"] in {"Complete", "Failed"}}


def _terminated(pods: list[KubernetesObject], *, succeeded: bool) -> Mapping[str, Any] | None:
    """Return how the mover's container ended, in the pod that decided on the Job's end."""
    decisive = [p for p in pods if ((p.get("status") or {}).get("phase") == "Succeeded") is succeeded]
    ends = [_end(status) for pod in decisive for status in _containers(pod) if status.get("name") == CONTAINER]
    return next((end for end in reversed(ends) if end), None)


def _told(terminated: Mapping[str, Any], ended: datetime) -> JobResult:
    exit_code, facts = terminated.get("exitCode"), _facts(terminated.get("message"))
    code = facts.get("exitCode")
    sentence = facts.get("message")
    # A mover that was told to treat a code as success exits with 0, but its outcome stays what it was.
    is_right = isinstance(code, int) and not isinstance(code, bool) and isinstance(sentence, str)
    if is_right and code in list(ExitCode) and exit_code in {0, code}:
        return JobResult(ExitCode(code), sentence or "The mover gave no reason.", ended, facts)
    if terminated.get("reason") == "OOMKilled":
        more = "give it more, in moverResources.limits.memory"
        return JobResult(ExitCode.OUT_OF_MEMORY, f"The mover was killed for want of memory: {more}.", ended)
    if exit_code == 0:
        return JobResult(ExitCode.DONE, "The mover has done its work, but what it told can't be read.", ended)
    known = ExitCode(exit_code) if exit_code in set(ExitCode) else None
    return JobResult(known, f"The mover ended with exit code {exit_code} and told no more; see its pod's log.", ended)


def _facts(message: object) -> dict[str, Any]:
    if not isinstance(message, str) or len(message) > 4 * LARGEST:
        return {}
    try:
        facts = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _picked(found: object, wanted: Mapping[str, type]) -> dict[str, Any] | None:
    """Take the fields that are what they should be."""
    if not isinstance(found, dict):
        return None
    right = {
        name: found[name]
        for name, type_ in wanted.items()
        if isinstance(found.get(name), type_) and not isinstance(found[name], bool) and _is_sane(name, found[name])
    }
    complete = found.get("complete")
    return right | ({"complete": complete} if isinstance(complete, bool) else {}) if right else None


def _is_sane(name: str, value: str | int) -> bool:
    if isinstance(value, int):
        return 0 <= value < 2**63
    return _is_time(value) if name == "time" else len(value) <= 64 and value.isalnum()  # noqa: PLR2004  a SHA-256


def _is_time(text: str) -> bool:
    try:
        read_time(text)
    except (ValueError, OverflowError):
        return False
    return True


def _is_past(text: str, ended: datetime) -> bool:
    return _is_time(text) and read_time(text) <= ended + timedelta(minutes=5)


def _time(text: object, default: datetime) -> datetime:
    """Read a time that the API wrote; one in the future is not believed."""
    return min(read_time(text), default) if isinstance(text, str) and _is_time(text) else default


def _containers(pod: KubernetesObject) -> list[dict[str, Any]]:
    return list((pod.get("status") or {}).get("containerStatuses") or [])


def _end(status: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a container ended, the last time it did."""
    return dict(
        (status.get("state") or {}).get("terminated") or (status.get("lastState") or {}).get("terminated") or {}
    )


def _condition(pod: KubernetesObject, type_: str) -> dict[str, Any]:
    found = (pod.get("status") or {}).get("conditions") or []
    return next((dict(condition) for condition in found if condition.get("type") == type_), {})
