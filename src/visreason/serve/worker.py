"""One thread that works for many requests: what waits is put in one batch, and what is too much is refused."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from visreason.serve.failures import ApiError

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Sequence[Item]], Sequence[Result]]
"""Work on several items at once: as many results, in the same order."""


@dataclass(frozen=True, slots=True)
class _Job:
    """An item that waits, what is to be done with it, and where its result goes."""

    work: Work[Any, Any]
    item: Any
    future: "Future[Any]"


class Worker:
    """A thread with a bounded queue.

    Jobs are taken in their order; those that wait for the same work are taken together, as far as nothing else stands
    between them. Where a batch fails its items are worked on one by one, so that nobody pays for another's mistake.

    Args:
        name: of the thread, told when the queue is full.
        waiting: how many jobs may wait.
        batch: how many are taken together.

    Example:
        >>> worker = Worker("doubler", waiting=2, batch=8)
        >>> worker.submit(lambda items: [2 * item for item in items], 21).result()
        42
        >>> worker.close()
    """

    def __init__(self, name: str, waiting: int, batch: int) -> None:
        self.name = name
        self._most, self._batch = waiting, batch
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"visreason {name}", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        """How many jobs wait."""
        return len(self._jobs)

    @property
    def alive(self) -> bool:
        """Whether jobs are worked on."""
        return self._thread.is_alive() and not self._closed

    def submit(self, work: Work[Item, Result], item: Item) -> "Future[Result]":
        """Queue one item.

        Raises:
            ApiError: the queue is full, or the worker is closed (503, with Retry-After).
        """
        job = _Job(work, item, Future())
        with self._changed:
            if self._closed or len(self._jobs) >= self._most:
                why = "is shutting down" if self._closed else f"has {self._most} requests waiting"
                raise ApiError(503, "busy", f"{self.name} {why}; try again soon.", {"Retry-After": "1"})
            self._jobs.append(job)
            self._changed.notify()
        return job.future

    def close(self) -> None:
        """Finish what waits, then end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        """Take jobs until the worker is closed and nothing waits."""
        while jobs := self._take():
            _finish([job for job in jobs if job.future.set_running_or_notify_cancel()])

    def _take(self) -> list[_Job]:
        """The next jobs of one kind; none when the worker is closed and nothing waits."""
        with self._changed:
            while not self._jobs and not self._closed:
                self._changed.wait()
            jobs: list[_Job] = []
            while self._jobs and len(jobs) < self._batch and (not jobs or self._jobs[0].work == jobs[0].work):
                jobs.append(self._jobs.popleft())
            return jobs


def _finish(jobs: Sequence[_Job]) -> None:
    """Do some jobs of one kind."""
    if not jobs:
        return
    try:
        results = jobs[0].work([job.item for job in jobs])
    except BaseException as error:  # whoever waits for the result hears of it
        if len(jobs) == 1:
            jobs[0].future.set_exception(error)
            return
        for job in jobs:
            _finish([job])
        return
    for job, result in zip(jobs, results, strict=True):
        job.future.set_result(result)
