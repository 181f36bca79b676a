import threading

from hypothesis import given
from hypothesis import strategies as st

from mover.controller.kube.work_queue import WorkQueue
from tests.mover_process import wait_until


def test_a_key_asked_for_twice_is_handed_out_once() -> None:
    queue = WorkQueue[str]()
    queue.add("a")
    queue.add("a")
    assert queue.take() == "a"
    assert len(queue) == 0


def test_a_key_asked_for_while_a_worker_has_it_is_handed_out_again_only_after() -> None:
    queue = WorkQueue[str]()
    queue.add("a")
    queue.take()
    queue.add("a")
    assert len(queue) == 0, "two workers would have the same key"
    queue.done("a")
    assert queue.take() == "a"


def test_keys_come_in_the_order_they_were_asked_for() -> None:
    queue = WorkQueue[str]()
    for key in ("b", "a", "b", "c"):
        queue.add(key)
    assert [queue.take() for _ in range(3)] == ["b", "a", "c"]


def test_a_key_for_later_comes_when_its_time_has_come() -> None:
    queue = WorkQueue[str]()
    queue.add_after("later", 0.05)
    queue.add_after("much later", 3600)
    queue.add("now")
    assert [queue.take() for _ in range(2)] == ["now", "later"]


def test_the_earliest_of_several_times_counts() -> None:
    queue = WorkQueue[str]()
    queue.add_after("a", 3600)
    queue.add_after("a", 0.01)
    assert queue.take() == "a"


def test_a_wake_up_is_called_off_by_a_look_before_it() -> None:
    queue = WorkQueue[str]()
    queue.add_after("a", 0.02)
    queue.add("a")
    assert queue.take() == "a"
    queue.done("a")
    queue.add_after("b", 0.05)
    assert queue.take() == "b", "the old wake-up of a key that was looked at since still rang"


def test_each_failure_in_a_row_waits_longer_and_a_success_begins_anew() -> None:
    queue = WorkQueue[str]()
    waits = [queue.add_failed("a") for _ in range(2000)]
    assert waits[:3] == [0.25, 0.5, 1.0]
    assert waits[-1] == 60.0
    queue.succeeded("a")
    assert queue.add_failed("a") == 0.25


def test_stopping_sends_all_workers_home() -> None:
    queue = WorkQueue[str]()
    taken: list[str | None] = []
    workers = [threading.Thread(target=lambda: taken.append(queue.take())) for _ in range(3)]
    for worker in workers:
        worker.start()
    queue.stop()
    wait_until(lambda: not any(worker.is_alive() for worker in workers), "the workers end")
    assert taken == [None, None, None]
    queue.add("a")
    assert queue.take() is None


@given(st.lists(st.tuples(st.sampled_from(["add", "take", "done"]), st.sampled_from("abc"))))
def test_no_key_is_ever_lost_or_with_two_workers(steps: list[tuple[str, str]]) -> None:
    queue = WorkQueue[str]()
    working: set[str] = set()
    wanted: set[str] = set()
    for step, key in steps:
        if step == "add":
            queue.add(key)
            wanted.add(key)
        elif step == "take" and len(queue):
            taken = queue.take()
            assert taken is not None
            assert taken not in working
            working.add(taken)
            wanted.discard(taken)
        elif step == "done" and key in working:
            queue.done(key)
            working.discard(key)
    for key in working:
        queue.done(key)
    assert {queue.take() for _ in range(len(queue))} == wanted
