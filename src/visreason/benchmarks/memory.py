"""The most memory that a process ever held."""

import sys
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
