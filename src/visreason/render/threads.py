"""Sharing work out among threads that each run their operations alone.

The tensors of a pass are too small to be split: on a busy machine, waiting for each other at the end of every
operation costs the threads more than they gain. Whole passes on separate threads do not wait.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """The results of `work` for all items, in order, on as many threads as `torch.get_num_threads()` allows.

    Example:
        >>> side_by_side(abs, [-1, 2])
        [1, 2]
    """
    with _single_threaded_operations() as threads:
        if min(threads, len(items)) < 2:
            return [work(item) for item in items]
        with ThreadPoolExecutor(min(threads, len(items))) as pool:
            return list(pool.map(work, items))


@contextmanager
def _single_threaded_operations() -> Iterator[int]:
    """Let every operation run on the thread that calls it; gives the number of threads allowed before."""
    threads = torch.get_num_threads()
    if threads == 1:
        yield 1
        return
    torch.set_num_threads(1)
    try:
        yield threads
    finally:
        torch.set_num_threads(threads)
