import os
import signal
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from visreason.data.parallel import resolve_jobs, run_tasks
from visreason.errors import UsageError


def test_no_jobs_are_refused() -> None:
    with pytest.raises(UsageError, match="--jobs must be at least 1; got 0"):
        resolve_jobs(0)


def test_one_job_stays_in_this_process() -> None:
    assert list(run_tasks([os.getpid] * 3, jobs=1)) == [os.getpid()] * 3


def test_more_jobs_give_all_results_from_other_processes_that_end() -> None:
    pids = list(run_tasks([os.getpid] * 6, jobs=2))
    assert len(pids) == 6
    assert os.getpid() not in pids
    assert not any(alive(pid) for pid in pids)


def test_tasks_are_taken_as_they_are_run() -> None:
    taken = []

    def tasks() -> Iterator[Callable[[], int]]:
        for number in range(100):
            taken.append(number)
            yield partial(abs, number)

    results = run_tasks(tasks(), jobs=2)
    next(results)
    assert len(taken) < 50
    results.close()  # type: ignore[attr-defined]


def test_an_interruption_ends_the_processes() -> None:
    results = run_tasks([os.getpid] * 50, jobs=2)
    pid = next(results)
    with pytest.raises(KeyboardInterrupt):
        results.throw(KeyboardInterrupt())  # type: ignore[attr-defined]
    assert not alive(pid)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_error_of_a_task_comes_out(jobs: int) -> None:
    with pytest.raises(UsageError, match="got 0"):
        list(run_tasks([partial(resolve_jobs, 0), os.getpid], jobs))


def test_a_killed_worker_is_told_of() -> None:
    with pytest.raises(UsageError, match="a worker process was killed"):
        list(run_tasks([partial(signal.raise_signal, signal.SIGKILL), os.getpid], jobs=2))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
