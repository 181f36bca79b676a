"""Whatever happens, in whatever order: one Job at a time, no trigger lost, nothing left over, and it comes to rest.

The controller sees old versions, loses races, and is killed between any two of its writes.
"""

import copy
import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mover.controller.kube.kinds import JOB, POD, VOLUME_CLAIM, VOLUME_SNAPSHOT
from mover.controller.reconcile.decide import decide
from mover.controller.reconcile.decision import Create, Delete
from mover.controller.resources.names import attempt_of
from tests.unit.controller.cluster import OPTIONS, Cluster, claim, destination, source, user_pod

CODES = [0, 0, 0, 1, 2, 3, 10, 12, 20, 22, 26, 137, 143]
MESSAGES = [None, None, "", "{", "[1]", '{"exitCode": "x"}', '{"exitCode": true, "message": 1}', "{" * 9000]
OWN: dict[str, Any] = {"destinationPVC": None, "capacity": "3Gi", "accessModes": ["ReadWriteOnce"]}
RESOURCES = [
    *[("source", {"copyMethod": method}) for method in ("None", "Clone", "Snapshot")],
    *[("destination", wish) for wish in ({}, {"copyMethod": "Snapshot", **OWN})],
]
ENDED = {"Succeeded", "Failed"}


class Life:
    """The life of one resource with a manual trigger."""

    def __init__(self, kind: str, fields: dict[str, Any]) -> None:
        make = source if kind == "source" else destination
        self.cluster = Cluster(make({"manual": "tag-0"}, **fields))
        self.number = 0
        self.over: set[str] = set()
        """The ids of attempts that are over."""
        self.wanted_after = {"tag-0": 0}
        """How many Jobs had been made when a tag was set."""

    # The controller.

    def look_amiss(self, age: int, age_around: int, writes: int | None) -> None:
        """Look at it as it was some writes ago; be killed after some writes."""
        self.look(age, age_around, writes)

    def look_well(self, times: int) -> None:
        for _ in range(times):
            self.look(0, 0, None)

    def look(self, age: int, age_around: int, writes: int | None) -> None:
        before, done = self.cluster.status.get("attempt", {}).get("id"), self.cluster.status.get("lastManualSync")
        made, job = len(self.cluster.made), self.cluster.job()
        decision = self.cluster.step(age, age_around, writes)
        after = self.cluster.status.get("attempt", {}).get("id")
        if before and before != after:
            self.over.add(before)
        tag = self.cluster.status.get("lastManualSync")
        if tag != done:
            ran = self.cluster.attempts_made().index(before)
            assert ran >= self.wanted_after[str(tag)], (
                f"{tag} was recorded for a sync that had begun before it was wanted"
            )
        for new in self.cluster.made[made:]:
            assert attempt_of(new) not in self.over, "an attempt that was over has got a Job again"
            assert attempt_of(new) == after, "a Job was made for an attempt that is not under way"
        if job is not None and self.cluster.job() is None:
            assert attempt_of(job) != after, f"the Job of the attempt under way was deleted: {decision.sentence}"

    # Its users.

    def want_a_sync(self) -> None:
        self.number += 1
        self.wanted_after[f"tag-{self.number}"] = len(self.cluster.made)
        self.cluster.edit(trigger={"manual": f"tag-{self.number}"})

    def pause(self, *, paused: bool) -> None:
        self.cluster.edit(paused=paused)

    def take_the_volume_away_or_put_it_back(self) -> None:
        if self.cluster.objects.pop((VOLUME_CLAIM, "data"), None) is None:
            self.cluster.objects[VOLUME_CLAIM, "data"] = claim()
        self.cluster.remember()

    def use_the_volume(self, phase: str) -> None:
        self.cluster.objects[POD, "app"] = user_pod(phase=phase)
        self.cluster.remember()

    def delete_the_job(self) -> None:
        job = self.cluster.job()
        if job is not None:
            self.cluster.delete(JOB, job["metadata"]["name"])
            self.cluster.remember()

    # The cluster.

    def start_pod(self) -> None:
        self.cluster.start_pod()

    def end_pod(self, code: int, message: str | None) -> None:
        self.cluster.end_pod(code, message)

    def disrupt_pod(self) -> None:
        self.cluster.disrupt_pod()

    def make_snapshots_ready(self) -> None:
        self.cluster.make_snapshots_ready()

    def wait(self, minutes: int) -> None:
        self.cluster.later(minutes=minutes)

    def has_one_mover(self) -> None:
        movers = [pod for pod in self.cluster.of(POD) if pod["metadata"]["name"] != "app"]
        alive = [pod for pod in movers if pod["status"]["phase"] not in ENDED]
        assert len(alive) <= 1, "two movers run for one resource"

    def ends_well(self) -> None:
        """With nobody in its way it comes to rest, has done what was asked last, and leaves nothing behind."""
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
        assert cluster.status.get("lastManualSync") == f"tag-{self.number}", f"a trigger was lost: {cluster.status}"
        assert cluster.synchronizing()["reason"] == "WaitingForManual"
        assert not cluster.of(JOB)
        assert len(cluster.of(VOLUME_SNAPSHOT)) <= 1
        assert not [c for c in cluster.of(VOLUME_CLAIM) if attempt_of(c)], "a copy was left over"
        last = decide(cluster.observe(), OPTIONS)
        assert not [w for w in last.writes if isinstance(w, Create | Delete)]


LOOKS: list[Callable[[Life], None]] = [partial(Life.look_well, times=times) for times in (1, 1, 2, 4, 4, 6)]
AMISS: list[Callable[[Life], None]] = [
    partial(Life.look_amiss, age=age, age_around=around, writes=writes)
    for age, around, writes in [
        *[(age, around, None) for age in (0, 1, 3, 8) for around in (0, 1, 3, 8)],
        *[(0, 0, writes) for writes in (0, 1, 1, 2, 2, 3)],
    ]
]
MOVER: list[Callable[[Life], None]] = [
    *[Life.start_pod] * 6,
    *[partial(Life.end_pod, code=0, message=None)] * 4,
    *[Life.make_snapshots_ready] * 4,
]
ENDS: list[Callable[[Life], None]] = [
    partial(Life.end_pod, code=code, message=message) for code in CODES for message in MESSAGES
]
USERS: list[Callable[[Life], None]] = [
    *[Life.want_a_sync] * 5,
    *[partial(Life.pause, paused=paused) for paused in (True, False, False, False)],
    Life.take_the_volume_away_or_put_it_back,
    *[partial(Life.use_the_volume, phase=phase) for phase in ("Running", "Succeeded", "Succeeded")],
    Life.delete_the_job,
]
TIME: list[Callable[[Life], None]] = [partial(Life.wait, minutes=minutes) for minutes in (0, 1, 2, 70)]
DEEDS: list[list[Callable[[Life], None]]] = [LOOKS, LOOKS, LOOKS, AMISS, MOVER, MOVER, ENDS, USERS, TIME]
DEEDS += [[Life.disrupt_pod]]


@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # add Phase.shrink to look into a failure: it takes minutes
    suppress_health_check=list(HealthCheck),
)
@given(
    made=st.sampled_from(RESOURCES),
    deeds=st.lists(st.sampled_from(DEEDS).flatmap(st.sampled_from), min_size=60, max_size=90),
)
def test_a_resource_lives_well(made: tuple[str, dict[str, Any]], deeds: list[Callable[[Life], None]]) -> None:
    life = Life(*made)
    for deed in deeds:
        deed(life)
        life.has_one_mover()
    life.ends_well()


@pytest.mark.parametrize("made", RESOURCES, ids=str)
def test_no_mix_of_old_views_starts_a_second_sync_or_harms_one_that_runs(made: tuple[str, dict[str, Any]]) -> None:
    cluster = Life(*made).cluster
    cluster.run_mover()
    done, made_then = copy.deepcopy(cluster), len(cluster.made)
    cluster.edit(trigger={"manual": "again"})
    cluster.settle()
    cluster.make_snapshots_ready()
    cluster.settle()
    cluster.start_pod()
    for state in (done, cluster):
        for age, around in itertools.product(range(len(state.history)), repeat=2):
            trial = copy.copy(state)
            trial.resource, trial.objects = copy.deepcopy(state.resource), copy.deepcopy(state.objects)
            trial.history, trial.made = [*state.history], []
            trial.step(age, around)
            assert not trial.made, f"a Job was made from views {age} and {around} writes old"
            assert set(map(str, trial.of(JOB))) == set(map(str, state.of(JOB)))
            assert {c["metadata"]["uid"] for c in state.of(VOLUME_CLAIM)} <= {
                c["metadata"]["uid"] for c in trial.of(VOLUME_CLAIM)
            }
    assert made_then == 1
