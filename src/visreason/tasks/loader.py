"""Batches in an order that depends on seed and epoch alone, so that a killed run goes on where it was."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from visreason.clevr.scene import Scene
from visreason.data.knowledge import KnowledgeGraph
from visreason.errors import VisreasonError
from visreason.nn.batch import Batch

Numbers = np.ndarray[Any, np.dtype[np.int64]]

Entry = TypeVar("Entry")

Collate = Callable[[list[Any]], Any]
"""Makes a batch of a list of samples."""


class Samples(Sized, Protocol):
    """A data set: so many samples, each by its index."""

    def __getitem__(self, index: int, /) -> Any:
        """One sample."""


@dataclass(frozen=True, slots=True)
class TaskData:
    """What is trained and measured on.

    Attributes:
        train: the training samples of an epoch (augmentation may differ from epoch to epoch).
        validation: the samples that every epoch is measured on.
        collate: makes a batch of samples.
        meta: what a model file must say of the data: vocabulary and inputs.
        images: which image each training sample is about; None where each has its own.
        shown: how many training samples, from the first, show the model their true program.
        scenes: gives the validation images' scenes by index, for the oracle; None where there are none.
        knowledge: what is known of the classes of regions, for a network with a graph; else None.
    """

    train: Callable[[int], Samples]
    validation: Samples
    collate: Collate
    meta: Mapping[str, Any]
    images: Numbers | None = None
    shown: int = 0
    scenes: Callable[[], Mapping[int, Scene]] | None = None
    knowledge: KnowledgeGraph | None = None


def epoch_order(count: int, seed: int, epoch: int) -> Numbers:
    """A permutation of `range(count)` that depends on seed and epoch and on nothing else.

    Example:
        >>> epoch_order(5, seed=0, epoch=1).tolist() == epoch_order(5, seed=0, epoch=1).tolist()
        True
        >>> sorted(epoch_order(5, seed=0, epoch=2).tolist())
        [0, 1, 2, 3, 4]
    """
    return np.random.default_rng([seed, epoch]).permutation(count)


def block_order(images_S: Numbers, per_image: int, seed: int, epoch: int) -> Numbers:
    """A permutation of the samples in which up to `per_image` samples of an image stand side by side.

    The samples of each image are shuffled and dealt into blocks of `per_image` (an image's last block takes what
    is left), and the blocks of all images are shuffled. It depends on its arguments and on nothing else.

    Args:
        images_S: which image each sample is about.
        per_image: samples a block.
        seed: of the order.
        epoch: from 0.

    Example:
        >>> images = np.array([7, 7, 7, 7, 9, 9])
        >>> order = block_order(images, 2, seed=0, epoch=0)
        >>> sorted(order.tolist()), [images[order[row : row + 2]].tolist() for row in (0, 2, 4)]
        ([0, 1, 2, 3, 4, 5], [[7, 7], [7, 7], [9, 9]])
    """
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(images_S))
    order = order[np.argsort(images_S[order], kind="stable")]
    firsts, counts = np.unique(images_S[order], return_index=True, return_counts=True)[1:]
    place_S = np.arange(len(order)) - np.repeat(firsts, counts)  # of each sample among those of its image
    block_S = np.cumsum(place_S % per_image == 0) - 1
    turn_K = random.permutation(block_S[-1] + 1)
    return order[np.argsort(turn_K[block_S], kind="stable")]


def share(batch: Sequence[Entry], rank: int, ranks: int) -> Sequence[Entry]:
    """One process's part of a batch: a piece, so that most questions about one image stay together.

    The processes' pieces hold every sample once; where they do not divide evenly, some have one more.

    Args:
        batch: all samples, or all batches.
        rank: which process, from 0.
        ranks: how many processes.

    Example:
        >>> share([5, 6, 7, 8, 9], 0, 2), share([5, 6, 7, 8, 9], 1, 2)
        ([5, 6], [7, 8, 9])
    """
    return batch[len(batch) * rank // ranks : len(batch) * (rank + 1) // ranks]


@dataclass(frozen=True, slots=True)
class Share:
    """What one process has of a batch.

    Attributes:
        rows: its samples; where none is left for it, one that another process has too, so that it keeps step.
        own: how many of them count: all, or none.
        whole: samples of the whole batch.
    """

    rows: Sequence[int]
    own: int
    whole: int

    def weight(self, ranks: int) -> float:
        """What the mean over `rows` weighs, such that the mean over `ranks` processes is that over the whole batch.

        Example:
            >>> Share([5, 6], own=2, whole=5).weight(2), Share([7, 8, 9], own=3, whole=5).weight(2)
            (0.8, 1.2)
        """
        return ranks * self.own / self.whole


def further(batches: int, pool: Sequence[int], per_batch: int, seed: int, epoch: int) -> list[Sequence[int]]:
    """What joins each batch: so many of a pool's samples, which is gone through in a new order each time.

    Args:
        batches: how many there are.
        pool: the samples; at least one, unless none are wanted.
        per_batch: how many of them join each batch.
        seed: with the epoch, decides the orders and nothing else does.
        epoch: from 0.

    Example:
        >>> further(2, [0, 1], per_batch=2, seed=0, epoch=0), further(2, [], per_batch=0, seed=0, epoch=0)
        ([[1, 0], [1, 0]], [[], []])
    """
    random = np.random.default_rng([seed, epoch, 1])
    rounds = -(-batches * per_batch // len(pool)) if per_batch else 0
    entries = [int(entry) for _ in range(rounds) for entry in random.permutation(pool)]
    return [entries[place * per_batch : (place + 1) * per_batch] for place in range(batches)]


class EpochLoader:
    """The shuffled batches of one epoch, or one process's share of each; it can start in the middle.

    The batches do not depend on the number of processes: with more of them, each has a smaller part of the same ones.

    Lightning asks for a new one each epoch, and keeps `state_dict` in its checkpoints. Nothing is loaded
    before the first batch is asked for.

    Args:
        samples: the data set.
        collate: makes a `Batch` of a list of samples.
        batch_size: samples a batch, over all processes.
        seed: of the order.
        epoch: which epoch this is, from 0.
        per_image: samples of an image that stand side by side; 1 shuffles freely.
        images: which image each sample is about; None where each has its own.
        shown: of the samples, the first so many show their program ...
        shown_per_batch: ... and so many of these join every batch.
        workers: processes that load.
        rank: which process of the training this is.
        ranks: how many there are.

    Example:
        >>> loader = EpochLoader(range(10), torch.tensor, batch_size=4, seed=0, epoch=0)
        >>> len(loader), sum(len(batch) for batch in loader)
        (3, 10)
    """

    def __init__(
        self,
        samples: Samples,
        collate: Collate,
        *,
        batch_size: int,
        seed: int,
        epoch: int,
        per_image: int = 1,
        images: Numbers | None = None,
        shown: int = 0,
        shown_per_batch: int = 0,
        workers: int = 0,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        self.samples = samples
        self.collate = collate
        self.epoch = epoch
        self.workers = workers
        if per_image == 1 or images is None:
            order = epoch_order(len(samples), seed, epoch).tolist()
        else:
            order = block_order(images, per_image, seed, epoch).tolist()
        whole = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
        extra = further(len(whole), range(shown), shown_per_batch, seed, epoch)
        self.shares: list[Share] = []
        for parts in zip(whole, extra, strict=True):
            rows = [row for part in parts for row in share(part, rank, ranks)]
            self.shares.append(Share(rows or parts[0][:1], len(rows), sum(map(len, parts))))
        self._done = 0

    def __len__(self) -> int:
        """Batches in the whole epoch."""
        return len(self.shares)

    def __iter__(self) -> Iterator[Batch]:
        """The batches that are left; each counts as done when it is handed out."""
        left = [one.rows for one in self.shares[self._done :]]
        for batch in batches(self.samples, self.collate, left, self.workers):
            self._done += 1
            yield batch
        self._done = 0

    def state_dict(self) -> dict[str, int]:
        """Which epoch this is and how many of its batches were handed out."""
        return {"epoch": self.epoch, "done": self._done}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from a state of the same epoch; a state of another epoch means its first batch."""
        self._done = state["done"] if state["epoch"] == self.epoch else 0


@runtime_checkable
class MakesAhead(Protocol):
    """A collate function that makes several batches at a time, because that costs it hardly more than one."""

    def batches(self, groups: Iterable[Sequence[Any]], /) -> Iterator[Any]:
        """The batches of several groups of samples, in order."""


def batches(samples: Samples, collate: Collate, groups: Sequence[Sequence[int]], workers: int) -> "Loader":
    """Load given groups of samples, one batch a group, in order.

    The random numbers that PyTorch draws for worker processes come from a generator of their own, so that
    loading leaves the training's random numbers alone.
    """
    ahead: object = collate
    if isinstance(ahead, MakesAhead):
        return AheadLoader(samples, ahead, groups)
    return _Loader(
        _AsDataset(samples),
        batch_sampler=groups,  # type: ignore[arg-type]  # any iterable of index lists will do
        collate_fn=collate,
        num_workers=workers,
        pin_memory=workers > 0 and torch.cuda.is_available(),
        generator=torch.Generator(),
        multiprocessing_context="forkserver" if workers else None,
    )


def in_order(count: int, batch_size: int, rank: int = 0, ranks: int = 1) -> list[Sequence[int]]:
    """Groups of sample indices in file order, every sample exactly once over all processes.

    Example:
        >>> in_order(5, 2)
        [range(0, 2), range(2, 4), range(4, 5)]
    """
    own = range(rank, count, ranks)
    return [own[start : start + batch_size] for start in range(0, len(own), batch_size)]


def count_steps(samples: int, sizes: Sequence[int], accumulate: int) -> int:
    """Optimiser steps of a training whose epoch e has batches of `sizes[e]` samples.

    Example:
        >>> count_steps(samples=100, sizes=[10, 10, 20], accumulate=2)
        13
    """
    return sum(math.ceil(math.ceil(samples / size) / accumulate) for size in sizes)


class AheadLoader:
    """The batches of given groups, in this process, by a collate function that makes several at a time.

    Args:
        samples: the data set.
        collate: makes batches.
        groups: the samples of each batch.
    """

    def __init__(self, samples: Samples, collate: MakesAhead, groups: Sequence[Sequence[int]]) -> None:
        self.samples, self.collate, self.groups = samples, collate, groups

    def __len__(self) -> int:
        """The number of batches."""
        return len(self.groups)

    def __iter__(self) -> Iterator[Any]:
        """The batches in order."""
        return self.collate.batches([self.samples[row] for row in group] for group in self.groups)


Loader = DataLoader[Any] | AheadLoader


class _Loader(DataLoader[Any]):
    """A loader whose workers' errors say what they would have said in this process."""

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]  # PyTorch promises its own iterator class
        try:
            yield from super().__iter__()
        except VisreasonError as error:
            # PyTorch hands the worker's whole traceback on as the message; the message proper ends it.
            raise type(error)(str(error).rsplit(f"{type(error).__name__}: ", 1)[-1].rstrip()) from error


class _AsDataset(Dataset[Any]):
    """Anything with a length and indices as PyTorch's data set type."""

    def __init__(self, samples: Samples) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> Any:
        return self.samples[index]
