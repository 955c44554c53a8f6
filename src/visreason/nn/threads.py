"""Independent pieces of CPU work side by side, one thread each.

PyTorch divides every single operation among its threads and lets them wait for each other after it. For
thousands of small operations that waiting adds up, and on a busy machine it dominates. Pieces that are each a
chain of operations wait only once, at the end.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

import torch

Result = TypeVar("Result")


def on_threads(tasks: Sequence[Callable[[], Result]]) -> list[Result]:
    """The results of the tasks, which run at the same time and without recording gradients.

    Inside a task every PyTorch operation keeps to one thread. A single task runs in the caller's thread, with
    all of PyTorch's threads.

    Example:
        >>> on_threads([lambda: torch.ones(2).sum().item(), lambda: 3.0])
        [2.0, 3.0]
    """
    if len(tasks) == 1:
        return [tasks[0]()]
    inference = torch.is_inference_mode_enabled()

    def quietly(task: Callable[[], Result]) -> Result:
        with torch.inference_mode(inference), torch.no_grad():
            return task()

    results = list(_pool().map(quietly, tasks))
    torch.set_num_threads(torch.get_num_threads())  # threads started from now on: as many as here, not one
    return results


@contextmanager
def limited_threads(count: int | None) -> Iterator[None]:
    """Let PyTorch's operations use `count` CPU threads inside the block; None changes nothing.

    Example:
        >>> with limited_threads(1):
        ...     torch.get_num_threads()
        1
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@cache
def _pool() -> ThreadPoolExecutor:
    """Threads that stay, because the matrix libraries keep memory for every thread they have seen."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="visreason", initializer=_keep_to_one_thread)


def _keep_to_one_thread() -> None:
    """Give the calling thread's operations one thread (asking first, or PyTorch sets its default later)."""
    torch.get_num_threads()
    torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):  # a forked process has none of its parent's threads
    os.register_at_fork(after_in_child=_pool.cache_clear)
