"""The most memory that a process ever held, or that its tensors took during a piece of work."""

import os
import sys
from collections.abc import Callable
from pathlib import Path


def peak_memory() -> float:
    """The peak of this process's resident memory, in MiB.

    Example:
        >>> peak_memory() > 1
        True
    """
    status = Path("/proc/self/status")
    if status.exists():  # unlike getrusage's, this peak starts anew with the program
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2 ** (20 if sys.platform == "darwin" else 10)


def tensor_memory(work: Callable[[], object]) -> float:
    """The most that tensors on the CPU take while a piece of work runs, in MiB, over what they took before.

    PyTorch's profiler counts it by every allocation, so that it tells even what one sample costs; a process's peak
    hides that behind what it has held before.

    Example:
        >>> import torch
        >>> round(tensor_memory(lambda: [torch.zeros(2**18) for _ in range(3)]), 2)
        3.0
    """
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # else it tells when it starts and stops
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        work()
    assert profiled.profiler is not None
    events = [one for one in profiled.profiler.kineto_results.events() if one.name() == "[memory]"]
    held = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()
        most = max(most, held)
    return most / 2**20
