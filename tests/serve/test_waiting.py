import asyncio
from concurrent.futures import Future

import pytest

from visreason.serve.failures import ApiError
from visreason.serve.waiting import wait_for


def test_a_result_comes_through() -> None:
    future: Future[int] = Future()
    future.set_result(3)
    assert asyncio.run(wait_for(future, 1)) == 3


@pytest.mark.parametrize("shared", [False, True])
def test_what_takes_too_long_is_given_up_unless_others_wait_too(shared: bool) -> None:
    future: Future[int] = Future()
    with pytest.raises(ApiError, match=r"longer than 0\.01 seconds") as late:
        asyncio.run(wait_for(future, 0.01, shared=shared))
    assert late.value.status == 504
    assert future.cancelled() is not shared
