import threading

from hypothesis import given
from hypothesis import strategies as st

from mover.controller.kube.work_queue import WorkQueue
from tests.support.mover_process import wait_until
from tests.support.ready_keys import take_ready

MARK = "the mark"


def test_a_key_added_twice_is_handed_out_once() -> None:
    queue = WorkQueue[str]()
    queue.add("a")
    queue.add("a")
    assert queue.take() == "a"
    assert take_ready(queue, MARK) == []


def test_a_key_added_while_a_worker_has_it_is_handed_out_again_afterwards() -> None:
    queue = WorkQueue[str]()
    queue.add("a")
    queue.take()
    queue.add("a")
    assert take_ready(queue, MARK) == [], "two workers would have the same key"
    queue.done("a")
    assert queue.take() == "a"


def test_keys_come_in_the_order_they_were_added() -> None:
    queue = WorkQueue[str]()
    for key in ("b", "a", "b", "c"):
        queue.add(key)
    assert [queue.take() for _ in range(3)] == ["b", "a", "c"]


def test_a_key_with_a_timer_is_handed_out_when_the_timer_expires() -> None:
    queue = WorkQueue[str]()
    queue.add_after("later", 0.05)
    queue.add_after("much later", 3600)
    queue.add("now")
    assert [queue.take() for _ in range(2)] == ["now", "later"]


def test_the_earliest_timer_of_a_key_wins() -> None:
    queue = WorkQueue[str]()
    queue.add_after("a", 3600)
    queue.add_after("a", 0.01)
    assert queue.take() == "a"


def test_processing_a_key_cancels_its_timer() -> None:
    queue = WorkQueue[str]()
    queue.add_after("a", 0.02)
    queue.add("a")
    assert queue.take() == "a"
    queue.done("a")
    queue.add_after("b", 0.05)
    assert queue.take() == "b", "the old wake-up of a key that was looked at since still rang"


def test_each_failure_in_a_row_doubles_the_delay_and_a_success_resets_it() -> None:
    queue = WorkQueue[str]()
    waits = [queue.add_failed("a") for _ in range(2000)]
    assert waits[:3] == [0.25, 0.5, 1.0]
    assert waits[-1] == 60.0
    queue.succeeded("a")
    assert queue.add_failed("a") == 0.25


def test_stop_ends_all_workers() -> None:
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
def test_a_key_is_never_lost_and_never_with_two_workers(steps: list[tuple[str, str]]) -> None:
    queue = WorkQueue[str]()
    working: set[str] = set()
    wanted: set[str] = set()
    for step, key in steps:
        if step == "add":
            queue.add(key)
            wanted.add(key)
        elif step == "take" and wanted - working:
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
    assert sorted(take_ready(queue, MARK)) == sorted(wanted), "a key was lost, or is handed out twice"
