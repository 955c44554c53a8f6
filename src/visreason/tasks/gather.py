"""Bringing together lists that several processes have collected."""

from typing import Any

import torch.distributed


def gather_lists(ranks: int, *lists: list[Any]) -> tuple[list[Any], ...]:
    """Each list with those of all other processes appended, in order of rank; unchanged with one process.

    Example:
        >>> gather_lists(1, [1, 2], ["a"])
        ([1, 2], ['a'])
    """
    if ranks == 1:
        return lists
    gathered: list[Any] = [None] * ranks
    torch.distributed.all_gather_object(gathered, lists)
    return tuple([entry for part in column for entry in part] for column in zip(*gathered, strict=True))
