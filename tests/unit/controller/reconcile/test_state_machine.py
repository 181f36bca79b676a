"""In every order of events: one Job at a time, no trigger lost, nothing left behind, and a stable state at the end.

The controller sees old versions, loses races, is refused writes, and is killed between any two of them.
"""

import copy
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mover.controller.kube.kinds import JOB, POD, VOLUME_CLAIM, VOLUME_SNAPSHOT
from mover.controller.kube.writes import Create, Delete
from mover.controller.reconcile.decide import decide
from mover.controller.resources.ownership import attempt_of
from tests.support.fake_cluster import OPTIONS, FakeCluster, copied
from tests.support.manifests import claim, destination, source, user_pod

CODES = [0, 0, 0, 1, 2, 3, 10, 12, 20, 22, 26, 137, 143]
MESSAGES = [None, None, "", "{", "[1]", '{"exitCode": "x"}', '{"exitCode": true, "message": 1}', "{" * 9000]
FAILING = {1, 2, 10, 12, 22, 26, 137, 143}
OWN: dict[str, Any] = {"destinationPVC": None, "capacity": "3Gi", "accessModes": ["ReadWriteOnce"]}
SNAPSHOT = {"copyMethod": "Snapshot"}
RESOURCES: list[tuple[str, dict[str, Any]]] = [
    ("source", {"copyMethod": "None"}),
    ("source", {"copyMethod": "Clone"}),
    ("source", SNAPSHOT),
    ("destination", {}),
    ("destination", SNAPSHOT | OWN),
]
ENDED = {"Succeeded", "Failed"}
OBSTACLES = ("pause", "use the volume", "delete the volume", "delete the Job")
UNDONE = ("resume", "stop using the volume", "create the volume")
AGES = [0, 1, 3, 8]
"""How many writes ago that was which the controller sees."""


def cluster_of(kind: str, fields: dict[str, Any]) -> FakeCluster:
    """Return a cluster with a resource that has a manual trigger."""
    make = source if kind == "source" else destination
    return FakeCluster(make({"manual": "tag-0"}, **fields))


def is_alive(item: dict[str, Any]) -> bool:
    """Whether a pod or a Job has not ended."""
    status = item.get("status", {})
    return status.get("phase") not in ENDED and not status.get("conditions")


class ResourceMachine(RuleBasedStateMachine):
    """One resource with a manual trigger, and what users, Kubernetes, the controller and the clock do to it."""

    @initialize(made=st.sampled_from(RESOURCES))
    def create(self, made: tuple[str, dict[str, Any]]) -> None:
        self.cluster = cluster_of(*made)
        self.tag = 0
        self.finished: set[str] = set()
        """The IDs of attempts that are over."""
        self.exit_codes: dict[str, int] = {}
        """How the mover of an attempt ended, where its message says the same."""
        self.jobs_before = {"tag-0": 0}
        """How many Jobs had been created when a tag was set."""

    # The controller.

    @rule(times=st.sampled_from([1, 1, 2, 4, 4, 6]))
    def reconcile(self, times: int) -> None:
        for _ in range(times):
            self._reconcile()

    @rule()
    def reconcile_until_nothing_is_left_to_do(self) -> None:
        self.cluster.remember()
        before = len(self.cluster.history)
        while self._reconcile():
            assert len(self.cluster.history) < before + 60, "it does not become stable"
        observed = self.cluster.observe()
        assert decide(observed, OPTIONS) == decide(observed, OPTIONS), "a decision depends on what it observes alone"

    @rule(age=st.sampled_from(AGES), age_around=st.sampled_from(AGES))
    def reconcile_what_was_some_writes_ago(self, age: int, age_around: int) -> None:
        self._reconcile(age, age_around)

    @rule(writes=st.sampled_from([0, 1, 1, 2, 2, 3]), is_refused=st.booleans())
    def be_killed_or_refused_after_some_writes(self, writes: int, *, is_refused: bool) -> None:
        self._reconcile(writes=writes)
        if is_refused:
            self._reconcile(refusal="exceeded quota")

    def _reconcile(self, age: int = 0, age_around: int = 0, writes: int | None = None, **around: str) -> bool:
        """Reconcile once, and check what was written; return whether there was anything to write."""
        cluster, before = self.cluster, copied(self.cluster.status)
        made, job = len(cluster.made), cluster.job()
        decision = cluster.step(age, age_around, writes, **around)
        attempt = cluster.status.get("attempt", {}).get("id")
        self._check_end(before, attempt)
        for new in cluster.made[made:]:
            assert attempt_of(new) not in self.finished, "an attempt that was over has got a Job again"
            assert attempt_of(new) == attempt, "a Job was created for an attempt that is not under way"
        if job is not None and cluster.job() is None:
            assert attempt_of(job) != attempt, f"the Job of the attempt under way was deleted: {decision}"
        return bool(decision.writes)

    def _check_end(self, before: dict[str, Any], attempt: str | None) -> None:
        """Where an attempt is over, the status has its result, and the tag that started it."""
        ran, tag = before.get("attempt", {}), self.cluster.status.get("lastManualSync")
        if tag != before.get("lastManualSync"):
            first = self.cluster.attempts_made().index(ran["id"])
            assert first >= self.jobs_before[str(tag)], f"{tag} was recorded for a sync that began before it was set"
            assert self.exit_codes.get(ran["id"]) not in FAILING, f"{tag} was recorded for a sync that failed"
        if not ran or ran["id"] == attempt:
            return
        self.finished.add(ran["id"])
        is_preserved_later = self.cluster.resource["spec"]["restic"].get("capacity")
        if self.exit_codes.get(ran["id"]) == 0 and not is_preserved_later:
            assert tag == ran["manual"], f"a sync succeeded, and its tag {ran['manual']} was not recorded"
            assert self.cluster.status.get("lastSyncTime"), "a sync succeeded, and the status has no time of it"

    # Its users.

    @rule()
    def want_a_sync(self) -> None:
        self.tag += 1
        self.jobs_before[f"tag-{self.tag}"] = len(self.cluster.made)
        self.cluster.edit(trigger={"manual": f"tag-{self.tag}"})

    @rule(deed=st.sampled_from([*OBSTACLES, *UNDONE * 3]))
    def interfere(self, deed: str) -> None:
        """Do what is in the way of syncs; mostly undo it."""
        match deed:
            case "pause" | "resume":
                self.cluster.edit(paused=deed == "pause")
            case "use the volume" | "stop using the volume":
                phase = "Running" if deed == "use the volume" else "Succeeded"
                self.cluster.objects[POD, "app"] = user_pod(phase=phase)
            case "delete the volume":
                self.cluster.objects.pop((VOLUME_CLAIM, "data"), None)
            case "create the volume":
                self.cluster.objects.setdefault((VOLUME_CLAIM, "data"), claim())
            case "delete the Job":
                self._delete_the_job()
        self.cluster.remember()

    def _delete_the_job(self) -> None:
        job = self.cluster.job()
        if job is not None:
            self.exit_codes.pop(str(attempt_of(job)), None)
            self.cluster.delete(JOB, job["metadata"]["name"])

    # Kubernetes, and the clock.

    @rule()
    def start_pod(self) -> None:
        self.cluster.start_pod()

    @rule()
    def let_the_mover_succeed(self) -> None:
        self.end_pod(0, None)

    @rule(code=st.sampled_from(CODES), message=st.sampled_from(MESSAGES))
    def end_pod(self, code: int, message: str | None) -> None:
        job = self.cluster.job()
        was_alive = job is not None and is_alive(job)
        self.cluster.end_pod(code, message)
        if job is not None and was_alive and not is_alive(job) and message is None:
            self.exit_codes[str(attempt_of(job))] = code

    @rule()
    def make_snapshots_ready(self) -> None:
        self.cluster.make_snapshots_ready()

    @rule(has_ended=st.booleans())
    def go_on_as_planned(self, *, has_ended: bool) -> None:
        """Let everybody do their part, so that a sync gets somewhere."""
        self.reconcile(4)
        self.cluster.make_snapshots_ready()
        self.reconcile(4)
        self.cluster.start_pod()
        if has_ended:
            self.let_the_mover_succeed()

    @rule()
    def evict_pod(self) -> None:
        self.cluster.disrupt_pod()

    @rule(minutes=st.sampled_from([0, 1, 2, 70]))
    def wait(self, minutes: int) -> None:
        self.cluster.later(minutes=minutes)

    @invariant()
    def one_mover_is_alive(self) -> None:
        movers = [pod for pod in self.cluster.of(POD) if pod["metadata"]["name"] != "app"]
        assert len([pod for pod in movers if pod["status"]["phase"] not in ENDED]) <= 1, "two movers run at a time"

    @invariant()
    def one_job_is_alive(self) -> None:
        assert len([job for job in self.cluster.of(JOB) if is_alive(job)]) <= 1, "two Jobs run at a time"

    def teardown(self) -> None:
        """Without obstacles it becomes stable, has done the last requested sync, and leaves nothing behind."""
        cluster = self.cluster
        cluster.objects.pop((POD, "app"), None)
        cluster.objects[VOLUME_CLAIM, "data"] = claim()
        cluster.edit(paused=False)
        for _ in range(6):
            cluster.end_pod()
            cluster.settle()
            cluster.make_snapshots_ready()
            cluster.settle()
            cluster.start_pod()
            cluster.later(minutes=2)
        assert cluster.status.get("lastManualSync") == f"tag-{self.tag}", f"a trigger was lost: {cluster.status}"
        assert cluster.synchronizing()["reason"] == "WaitingForManual"
        assert not cluster.of(JOB)
        assert len(cluster.of(VOLUME_SNAPSHOT)) <= 1
        assert not [c for c in cluster.of(VOLUME_CLAIM) if attempt_of(c)], "a copy was left behind"
        last = decide(cluster.observe(), OPTIONS)
        assert not [w for w in last.writes if isinstance(w, Create | Delete)]
        cluster.resource["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        cluster.edit(trigger={"manual": "after its deletion"})
        assert not cluster.step().writes, "a resource that is being deleted is Kubernetes' own to clean up"


def test_a_resource_always_reaches_a_stable_state() -> None:
    run_state_machine_as_test(
        ResourceMachine,
        settings=settings(
            max_examples=45,
            stateful_step_count=70,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # add Phase.shrink to look into a failure: it takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("made", RESOURCES, ids=str)
def test_stale_reads_never_start_a_second_sync_or_disturb_a_running_one(made: tuple[str, dict[str, Any]]) -> None:
    cluster = cluster_of(*made)
    cluster.run_mover()
    done, made_then = copied(cluster), len(cluster.made)
    cluster.edit(trigger={"manual": "again"})
    cluster.settle()
    cluster.make_snapshots_ready()
    cluster.settle()
    cluster.start_pod()
    for state in (done, cluster):
        for age, around in itertools.product(range(len(state.history)), repeat=2):
            trial = copy.copy(state)
            trial.resource, trial.objects = copied((state.resource, state.objects))
            trial.history, trial.made = [*state.history], []
            trial.step(age, around)
            assert not trial.made, f"a Job was made from views {age} and {around} writes old"
            assert set(map(str, trial.of(JOB))) == set(map(str, state.of(JOB)))
            assert {c["metadata"]["uid"] for c in state.of(VOLUME_CLAIM)} <= {
                c["metadata"]["uid"] for c in trial.of(VOLUME_CLAIM)
            }
    assert made_then == 1
