"""Independent tasks over the cores of this machine or a cluster, with a clean end on errors and Ctrl-C."""

import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TypeVar

from joblib import Parallel, cpu_count, delayed
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from visreason.data.cluster import current_cluster
from visreason.errors import UsageError

R = TypeVar("R")

_WATCH_SECONDS = 0.5


def resolve_jobs(jobs: int | None) -> int:
    """The number of processes: as asked, or the cores that this process, or the cluster, may use.

    Raises:
        UsageError: fewer than one.

    Example:
        >>> resolve_jobs(3), resolve_jobs(None) >= 1
        (3, True)
    """
    if jobs is not None and jobs < 1:
        raise UsageError(f"--jobs must be at least 1; got {jobs}.")
    if jobs is not None:
        return jobs
    cluster = current_cluster()
    return int(cpu_count()) if cluster is None else cluster.jobs


def run_tasks(tasks: Iterable[Callable[[], R]], jobs: int) -> Iterator[R]:
    """Run tasks and give their results, in the order in which they end.

    One job runs them in this process; more run them in processes of their own, which have ended when the
    iterator has, however it ended. Within `visreason.data.cluster.ray_cluster` they run on the cluster. An
    error of a task ends all.

    Args:
        tasks: picklable callables; taken from the iterable only as fast as they are run.
        jobs: how many run at a time.

    Raises:
        UsageError: a process was killed from outside.

    Example:
        >>> from functools import partial
        >>> sorted(run_tasks([partial(pow, 2, power) for power in range(4)], jobs=1))
        [1, 2, 4, 8]
    """
    if (cluster := current_cluster()) is not None:
        yield from cluster.run(tasks)
        return
    if jobs <= 1:
        for task in tasks:
            yield task()
        return
    parallel = Parallel(n_jobs=jobs, backend="loky", return_as="generator_unordered", batch_size=1)
    results = parallel(delayed(_run)(task, os.getpid()) for task in tasks)
    done = False
    try:
        # `yield from` would hand an interruption on to joblib, which then warns of the tasks it cancels.
        for result in results:  # noqa: UP028
            yield result
        done = True
    except TerminatedWorkerError as error:
        raise UsageError(
            f"a worker process was killed, probably for want of memory; try fewer than {jobs} --jobs. "
            "What was finished is kept: the same command goes on."
        ) from error
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results.close()
        get_reusable_executor().shutdown(wait=True, kill_workers=not done)


def _run(task: Callable[[], R], parent: int) -> R:
    """Run a task in a worker, which leaves Ctrl-C to the process that started it and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with(parent)
    return task()


@cache
def _end_with(parent: int) -> None:
    """Watch, from now on, for the death of the process that started this one: it may have been killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
