"""Waiting for what another thread works on, as long as a request may."""

import asyncio
from concurrent.futures import Future
from typing import TypeVar

from visreason.serve.failures import ApiError

T = TypeVar("T")


async def wait_for(future: "Future[T]", seconds: float, *, shared: bool = False) -> T:
    """The result of a future.

    Args:
        future: of another thread.
        seconds: the longest to wait.
        shared: whether others wait for it too, so that it goes on when this request gives up.

    Raises:
        ApiError: it takes longer (504); what has not begun is then never done.
    """
    here = asyncio.wrap_future(future)
    try:
        return await asyncio.wait_for(asyncio.shield(here) if shared else here, seconds)
    except TimeoutError:
        message = f"this took longer than {seconds:g} seconds. Ask for less at once, or try again later."
        raise ApiError(504, "timeout", message) from None
