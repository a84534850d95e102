"""Reads of one cluster, several at once, on threads that outlive the question."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, wait
from typing import TypeVar

T = TypeVar("T")

PARALLEL = 12
"""Requests under way at once for one question: below the default priority level's share of an API server."""


def at_once(pool: Executor, jobs: Sequence[Callable[[], T]], seconds: float | None = None) -> Mapping[int, T]:
    """What each job gave, by its place among them; one that is not done within so many seconds is missing."""
    waiting = deque(enumerate(jobs))
    done: dict[int, T] = {}

    def work() -> None:
        while waiting:
            try:
                place, job = waiting.popleft()
            except IndexError:  # another thread took the last one
                return
            done[place] = job()

    workers = [pool.submit(work) for _ in range(min(PARALLEL, len(jobs)))]
    ended, late = wait(workers, timeout=seconds)
    waiting.clear()
    for worker in late:
        worker.cancel()
    for worker in ended:
        worker.result()
    return dict(done)
