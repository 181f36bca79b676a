"""What a work queue would hand out now, without waiting for more."""

from typing import TypeVar

from mover.controller.kube.work_queue import WorkQueue

Key = TypeVar("Key")


def take_ready(queue: WorkQueue[Key], mark: Key) -> list[Key]:
    """Take every key that is ready. The mark, a key that is none of them, is handed out after the last one."""
    queue.add(mark)
    taken: list[Key] = []
    while (key := queue.take()) != mark:
        assert key is not None, "the queue was stopped"
        taken.append(key)
    queue.done(mark)
    return taken
