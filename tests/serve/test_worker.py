import threading
from collections.abc import Iterator, Sequence

import pytest

from visreason.serve.failures import ApiError
from visreason.serve.worker import Worker


class Doubler:
    """Doubles numbers when it is let, and remembers what it was given at once; refuses 13."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_go = threading.Event()
        self.begun = threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.begun.set()
        assert self.may_go.wait(10)
        if 13 in items:
            raise ValueError("thirteen")
        return [2 * item for item in items]


@pytest.fixture
def work() -> Doubler:
    return Doubler()


@pytest.fixture
def worker(work: Doubler) -> Iterator[Worker]:
    made = Worker("the doubler", waiting=4, batch=3)
    yield made
    work.may_go.set()
    made.close()


def hold(worker: Worker, work: Doubler) -> None:
    """Let the worker begin with a first item, and wait there."""
    worker.submit(work, 0)
    assert work.begun.wait(10)


def test_what_waits_is_put_in_one_batch_of_bounded_size(worker: Worker, work: Doubler) -> None:
    hold(worker, work)
    futures = [worker.submit(work, item) for item in (1, 2, 3, 4)]
    work.may_go.set()
    assert [future.result(10) for future in futures] == [2, 4, 6, 8]
    assert work.batches == [[0], [1, 2, 3], [4]]


def test_other_work_is_not_mixed_in_and_the_order_is_kept(worker: Worker, work: Doubler) -> None:
    hold(worker, work)
    other = Doubler()
    other.may_go.set()
    futures = [worker.submit(kind, item) for kind, item in ((work, 1), (other, 2), (work, 3))]
    work.may_go.set()
    assert [future.result(10) for future in futures] == [2, 4, 6]
    assert work.batches == [[0], [1], [3]]
    assert other.batches == [[2]]


def test_a_full_queue_refuses_and_says_when_to_come_again(worker: Worker, work: Doubler) -> None:
    hold(worker, work)
    futures = [worker.submit(work, item) for item in (1, 2, 3, 4)]
    assert len(worker) == 4
    with pytest.raises(ApiError, match="the doubler has 4 requests waiting") as refused:
        worker.submit(work, 5)
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "1"})
    work.may_go.set()
    assert [future.result(10) for future in futures] == [2, 4, 6, 8]


def test_one_bad_item_does_not_spoil_the_batch(worker: Worker, work: Doubler) -> None:
    hold(worker, work)
    good, bad, last = (worker.submit(work, item) for item in (1, 13, 2))
    work.may_go.set()
    assert good.result(10) == 2
    assert last.result(10) == 4
    with pytest.raises(ValueError, match="thirteen"):
        bad.result(10)
    assert worker.alive


def test_what_nobody_waits_for_any_more_is_not_done(worker: Worker, work: Doubler) -> None:
    hold(worker, work)
    given_up, kept = worker.submit(work, 1), worker.submit(work, 2)
    assert given_up.cancel()
    work.may_go.set()
    assert kept.result(10) == 4
    assert work.batches == [[0], [2]]


def test_closing_finishes_what_waits_and_refuses_more(worker: Worker, work: Doubler) -> None:
    hold(worker, work)
    waiting = worker.submit(work, 1)
    work.may_go.set()
    worker.close()
    assert waiting.result(0) == 2
    assert not worker.alive
    with pytest.raises(ApiError, match="shutting down"):
        worker.submit(work, 2)
