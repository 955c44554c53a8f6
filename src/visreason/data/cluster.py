"""Independent tasks over a Ray cluster: the same call as over this machine's cores, through joblib's `ray` backend.

    with ray_cluster(out):
        generate_world(out, wanted)

The tasks write their files themselves, so all machines of the cluster have to see the world's folder under
the same name.
"""

import logging
import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TypeVar

from joblib import Parallel, delayed

from visreason.errors import UsageError, VisreasonError

R = TypeVar("R")

_ROUNDS = 8
"""Tasks that each worker gets before the results are looked at: progress is told, and few wait for the last."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Ray cluster that is connected.

    Attributes:
        folder: where the tasks write, an absolute path that every machine has to see.
        jobs: how many tasks run at a time.
    """

    folder: Path
    jobs: int

    def run(self, tasks: Iterable[Callable[[], R]]) -> Iterator[R]:
        """Run tasks and give their results, some rounds at a time.

        Raises:
            UsageError: a machine does not see the folder.
            VisreasonError: that of a task.
        """
        waiting = iter(tasks)
        with Parallel(n_jobs=self.jobs, backend="ray", batch_size=1) as parallel:
            while some := list(islice(waiting, _ROUNDS * self.jobs)):
                for result in parallel(delayed(_run_far)(task, self.folder) for task in some):
                    if isinstance(result, VisreasonError):
                        raise result
                    yield result


_PATIENCE_SECONDS = 10

_CURRENT: ContextVar[Cluster | None] = ContextVar("cluster", default=None)


def current_cluster() -> Cluster | None:
    """The cluster that tasks run on now, or None."""
    return _CURRENT.get()


@contextmanager
def ray_cluster(folder: Path, jobs: int | None = None) -> Iterator[Cluster]:
    """Run the tasks of the block on a Ray cluster: that of `RAY_ADDRESS`, or one made now on this machine.

    Args:
        folder: where the tasks write; an absolute path.
        jobs: tasks at a time; None takes one for each of the cluster's processors.

    Raises:
        UsageError: Ray is not installed, or the cluster cannot be reached.
    """
    try:
        ray = import_module("ray")
        register_ray = import_module("ray.util.joblib").register_ray
    except ImportError as error:
        raise UsageError(
            "--cluster ray needs Ray, which is not installed: pip install 'visreason[cluster]'."
        ) from error
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    address = os.environ.get("RAY_ADDRESS")
    own = {"include_dashboard": False} if address else {"include_dashboard": False, "num_cpus": jobs}
    try:
        _knock(address)
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **own)
    except (OSError, RuntimeError, ValueError) as error:  # a ConnectionError or TimeoutError is an OSError
        place = f"at RAY_ADDRESS={address}" if address else "on this machine"
        raise UsageError(f"no Ray cluster could be reached {place}: {error}") from error
    try:
        register_ray()
        cluster = Cluster(folder, jobs or int(ray.cluster_resources().get("CPU", 1)))
        before = _CURRENT.set(cluster)
        try:
            yield cluster
        finally:
            _CURRENT.reset(before)
    finally:
        ray.shutdown()


def _knock(address: str | None) -> None:
    """Raise at once where nobody listens at `HOST:PORT` or `ray://HOST:PORT`; Ray itself tries for minutes."""
    found = re.fullmatch(r"(?:ray://)?([^/:]+):(\d{1,5})", address or "")
    if found is not None:
        socket.create_connection((found[1], int(found[2])), timeout=_PATIENCE_SECONDS).close()


def _run_far(task: Callable[[], R], folder: Path) -> R | VisreasonError:
    """Run a task on a machine of the cluster; an error for people travels back as a value, without Ray's trace."""
    if not folder.is_dir():
        return UsageError(
            f"{socket.gethostname()}, a machine of the Ray cluster, does not see {folder}. Give a folder on a "
            "file system that all its machines share."
        )
    try:
        return task()
    except VisreasonError as error:
        return error
