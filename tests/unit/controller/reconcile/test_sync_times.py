"""When a sync starts, and when a failed one is tried again."""

from datetime import timedelta

import pytest

from mover.controller.reconcile.decide import Options, decide
from mover.controller.reconcile.sync_times import NON_RETRYABLE
from mover.exit_codes import ExitCode
from mover.platform.clock import read_time, write_time
from tests.support.fake_cluster import START, FakeCluster
from tests.support.manifests import Object, destination, source

EVERY_HALF_HOUR = {"schedule": "*/30 * * * *"}


def retry_after(cluster: FakeCluster) -> timedelta:
    return read_time(cluster.status["failure"]["retryTime"]) - cluster.now


@pytest.mark.parametrize("trigger", [EVERY_HALF_HOUR, {"manual": "once"}, {}])
def test_the_first_sync_starts_at_once(trigger: Object) -> None:
    cluster = FakeCluster(source(trigger))
    cluster.settle()
    assert len(cluster.made) == 1


def test_a_schedule_continues_from_the_end_of_the_last_sync() -> None:
    cluster = FakeCluster(source(EVERY_HALF_HOUR))
    cluster.run_mover()
    assert cluster.status["nextSyncTime"] == "2026-01-01T00:30:00Z"
    cluster.later(minutes=22)
    cluster.run_mover()
    assert len(cluster.made) == 1, "it started before its time"
    assert decide(cluster.observe(), Options("i", spread=timedelta())).requeue_at == read_time("2026-01-01T00:30:00Z")
    cluster.later(minutes=1)
    cluster.run_mover()
    assert len(cluster.made) == 2


def test_missed_ticks_are_followed_by_one_sync() -> None:
    cluster = FakeCluster(source(EVERY_HALF_HOUR))
    cluster.run_mover()
    cluster.later(hours=5)
    cluster.run_mover()
    cluster.settle()
    assert len(cluster.made) == 2
    assert cluster.status["nextSyncTime"] == "2026-01-01T05:30:00Z"


def test_an_edited_schedule_applies_at_once() -> None:
    cluster = FakeCluster(source(EVERY_HALF_HOUR))
    cluster.run_mover()
    cluster.edit(trigger={"schedule": "15 * * * *"})
    cluster.settle()
    assert cluster.status["nextSyncTime"] == "2026-01-01T00:15:00Z"


def test_a_manual_trigger_wins_over_a_schedule() -> None:
    cluster = FakeCluster(source({**EVERY_HALF_HOUR, "manual": "once"}))
    cluster.run_mover()
    cluster.later(hours=2)
    cluster.settle()
    assert len(cluster.made) == 1
    assert "nextSyncTime" not in cluster.status


def test_a_tag_set_while_a_sync_runs_starts_another_one() -> None:
    cluster = FakeCluster(source({"manual": "first"}))
    cluster.settle()
    cluster.start_pod()
    cluster.edit(trigger={"manual": "second"})
    cluster.settle()
    cluster.end_pod()
    cluster.step()
    assert cluster.status["lastManualSync"] == "first"
    cluster.run_mover()
    assert cluster.status["lastManualSync"] == "second"
    assert len(cluster.made) == 2


def test_without_a_trigger_a_minute_passes_between_syncs() -> None:
    cluster = FakeCluster(source())
    cluster.run_mover()
    assert cluster.synchronizing()["reason"] == "WaitingForNext"
    cluster.later(seconds=59)
    cluster.settle()
    assert len(cluster.made) == 1
    cluster.later(seconds=1)
    cluster.settle()
    assert len(cluster.made) == 2


def test_a_paused_resource_starts_no_sync_and_stops_none_that_runs() -> None:
    cluster = FakeCluster(source({"manual": "first"}))
    cluster.settle()
    cluster.start_pod()
    cluster.edit(paused=True, trigger={"manual": "second"})
    cluster.settle()
    assert cluster.job() is not None
    cluster.end_pod()
    cluster.settle()
    assert cluster.status["lastManualSync"] == "first"
    assert cluster.synchronizing()["reason"] == "Paused"
    cluster.edit(paused=False)
    cluster.settle()
    assert len(cluster.made) == 2


def test_syncs_of_one_tick_are_spread_by_a_constant_offset_for_each_resource() -> None:
    seconds = set()
    for number in range(50):
        cluster = FakeCluster(source({"schedule": "0 * * * *"}))
        cluster.resource["metadata"]["uid"] = f"uid-{number}"
        cluster.resource["status"] = {"lastSyncTime": write_time(START)}
        cluster.remember()
        at = [decide(cluster.observe(), Options("i")).requeue_at for _ in range(2)]
        assert at[0] == at[1]
        assert at[0] is not None
        assert timedelta() <= at[0] - read_time("2026-01-01T01:00:00Z") < timedelta(minutes=1)
        seconds.add(at[0])
    assert len(seconds) > 20


def test_the_delay_of_a_retry_doubles_up_to_an_hour() -> None:
    cluster, waits = FakeCluster(source({"manual": "once"})), []
    for _ in range(8):
        cluster.run_mover(ExitCode.UNREACHABLE)
        waits.append(int(retry_after(cluster).total_seconds() / 60))
        cluster.now += retry_after(cluster)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert len(cluster.made) == 8


def test_a_retry_is_never_later_than_the_next_tick() -> None:
    cluster = FakeCluster(source({"schedule": "*/5 * * * *"}))
    for _ in range(5):
        cluster.run_mover(ExitCode.UNREACHABLE)
        assert retry_after(cluster) <= timedelta(minutes=5)
        cluster.now += retry_after(cluster)


@pytest.mark.parametrize("code", sorted(NON_RETRYABLE))
def test_a_permanent_failure_is_retried_after_an_hour_or_a_change_of_the_spec(code: ExitCode) -> None:
    cluster = FakeCluster(source({"schedule": "*/5 * * * *"}))
    cluster.run_mover(code)
    assert retry_after(cluster) == timedelta(hours=1)
    cluster.later(minutes=59)
    cluster.settle()
    assert len(cluster.made) == 1
    cluster.edit(paused=False)
    cluster.settle()
    assert len(cluster.made) == 2, "a change of the spec ends the wait"


def test_a_success_resets_the_count_of_failures() -> None:
    cluster = FakeCluster(destination())
    cluster.run_mover(ExitCode.LOCKED)
    started = cluster.status["lastSyncStartTime"]
    cluster.later(minutes=1)
    cluster.settle()
    assert cluster.status["lastSyncStartTime"] == started
    cluster.run_mover()
    assert "failure" not in cluster.status
    assert "lastSyncStartTime" not in cluster.status
    assert cluster.status["lastSyncDuration"] == "1m0s"


def test_a_failed_job_is_kept_until_the_next_attempt_for_its_log() -> None:
    cluster = FakeCluster(source({"manual": "once"}, copyMethod="Clone"))
    cluster.run_mover(ExitCode.LOCKED)
    assert cluster.owned() == ["Job scribe-src-photos", "PersistentVolumeClaim scribe-src-photos-cache"]
    cluster.later(minutes=1)
    cluster.run_mover()
    assert cluster.owned() == ["PersistentVolumeClaim scribe-src-photos-cache"]


def test_a_last_sync_time_in_the_future_is_ignored() -> None:
    cluster = FakeCluster(source(EVERY_HALF_HOUR))
    cluster.resource["status"] = {"lastSyncTime": "2099-01-01T00:00:00Z"}
    cluster.remember()
    cluster.settle()
    assert len(cluster.made) == 1
