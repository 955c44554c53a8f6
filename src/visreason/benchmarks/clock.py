"""How long a piece of work takes."""

import time
from collections.abc import Callable, Sequence

import torch


def seconds(work: Callable[[], object], device: str = "cpu") -> float:
    """CPU seconds of the work, or on a GPU (`"cuda"`) seconds until the device is done."""
    if device == "cpu":
        start = time.process_time()
        work()
        return time.process_time() - start
    torch.cuda.synchronize()
    start = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def fastest_in_turns(works: Sequence[Callable[[], object]], rounds: int, device: str = "cpu") -> list[float]:
    """Seconds of each work's fastest round, all taking turns.

    Example:
        >>> done = []
        >>> times = fastest_in_turns([lambda: done.append("a"), lambda: done.append("b")], rounds=2)
        >>> done, min(times) >= 0
        (['a', 'b', 'a', 'b'], True)
    """
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for index, work in enumerate(works):
            best[index] = min(best[index], seconds(work, device))
    return best
