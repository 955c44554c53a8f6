"""What every model reads: questions with their images or objects, as tensors.

Shape legend: B questions, I images (as many as questions, or fewer where questions share one), T words of the
longest question, P steps of the longest program, S steps of a layout, N objects, D numbers an object, H x W pixels,
C x h x w features.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn import functional

from visreason.errors import ModelError

_PLANNED = ("programs", "image_rows")
"""What a model's course depends on."""

_PADDED = ("tokens", "programs", "layouts")
"""What may be of another length in another batch."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """B questions side by side; whatever a model does not read may be left out.

    Attributes:
        tokens: Long `[B, T]`, words in reading order as indices from 1, padded on the right with 0. Reversing
            and left padding are the text encoder's business.
        lengths: Long `[B]`, the number of words of each question.
        images: float `[I, 3, H, W]` in [0, 1].
        features: float `[I, C, h, w]`, a frozen backbone's features of the images.
        image_rows: Long `[B]`, which row of `images` or `features` each question is about; None: question b is
            about row b, and I = B. What is computed of images alone is computed once an image, then `spread`.
        objects: float `[B, N, D]`, state descriptions, zero rows where there are fewer than N objects.
        object_mask: bool `[B, N]`, True where `objects` holds an object and not padding.
        programs: Long `[B, P]`, the true programs: functions in prefix order (the root first, then its inputs'
            subtrees) as numbers from `visreason.nn.functions.FIRST_FUNCTION`, padded on the right with 0; no START, no
            END. A row of nothing but 0 is a question whose program is not told.
        referents: Long `[B, P]`, which objects each function of the true program gives: bit n for object n;
            `visreason.nn.referents.NO_OBJECTS` where it gives none but an answer, and in the padding. Where layouts are
            told, `[B, S]`: which objects each of their steps gives.
        places: float `[B, N, 2]`, where the objects' centres are seen, x and y as fractions of the image; NaN in the
            padding.
        layouts: Long `[B, S]`, the true modules of a Stack Neural Module Network step by step, as
            `visreason.clevr.layouts.MODULES` numbers them; 0, which does nothing, after the last.
        boxes: float `[B, 4]`, the true boxes (x, y, width, height) in pixels of the images that boxes are given in; NaN
            in the row of a question, which asks for an answer.
        answers: Long `[B]`, the class of the true answer, from 0; -1 in the row of an expression, which asks for a box.
        question_index: Long `[B]`, which question of the data this is.
        image_index: Long `[B]`, which image of the data it is about (questions of one image are one cluster).
        attributes: float `[B, 15]`, 1 where the scene holds an object of that attribute value; for the relation counter
            `[B, 465]`, how many it holds, and how many pairs of two values in each relation.

    Example:
        >>> batch = Batch(tokens=torch.tensor([[3, 1, 2], [4, 5, 0]]), lengths=torch.tensor([3, 2]))
        >>> len(batch), batch.images is None
        (2, True)
        >>> batch.select(torch.tensor([1])).tokens
        tensor([[4, 5, 0]])
    """

    tokens: Tensor
    lengths: Tensor
    images: Tensor | None = None
    features: Tensor | None = None
    image_rows: Tensor | None = None
    objects: Tensor | None = None
    object_mask: Tensor | None = None
    programs: Tensor | None = None
    referents: Tensor | None = None
    places: Tensor | None = None
    layouts: Tensor | None = None
    boxes: Tensor | None = None
    answers: Tensor | None = None
    question_index: Tensor | None = None
    image_index: Tensor | None = None
    attributes: Tensor | None = None
    _left_on_host: dict[str, Tensor] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        """The number of questions."""
        return self.tokens.shape[0]

    def map(self, function: Callable[[Tensor], Tensor]) -> Self:
        """A batch with `function` applied to every tensor that is there."""
        values: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self) if one.init}
        there = {name: function(tensor) for name, tensor in values.items() if tensor is not None}
        return type(self)(**there)

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """The same batch on `device`; what plans are made of stays at hand on the CPU too (`on_host`)."""
        moved = self.map(lambda tensor: tensor.to(device, non_blocking=non_blocking))
        there = {name: self.on_host(name) for name in _PLANNED if getattr(self, name) is not None}
        moved._left_on_host = there
        return moved

    def on_host(self, name: str) -> Tensor:
        """The field of this name in the CPU's memory, for whoever decides by it what the device will do.

        `programs` and `image_rows` of a batch that `to` has moved are still there. Anything else is fetched, which
        waits for all that the device has to do.

        Raises:
            ModelError: the batch does not have it.
        """
        tensor: Tensor | None = self._left_on_host.get(name, getattr(self, name))
        if tensor is None:
            raise ModelError(f"the batch has no {name}.")
        return tensor.cpu()

    def pin_memory(self) -> Self:
        """The same batch in page-locked memory; PyTorch's data loader calls this when asked to pin."""
        return self.map(torch.Tensor.pin_memory)

    def spread(self, of_images_I: Tensor) -> Tensor:
        """What was computed once an image, `[I, ...]`, for every question about it, `[B, ...]`.

        Example:
            >>> rows = torch.tensor([0, 0, 1])
            >>> batch = Batch(tokens=torch.ones(3, 1), lengths=torch.ones(3), image_rows=rows)
            >>> batch.spread(torch.tensor([5.0, 7.0]))
            tensor([5., 5., 7.])
        """
        return of_images_I if self.image_rows is None else of_images_I[self.image_rows]

    @classmethod
    def join(cls, batches: Sequence[Self]) -> Self:
        """Batches as one: their questions one after the other, shorter ones padded.

        Args:
            batches: one or more, of images (objects) alike in size, each with a row of its own for every question.

        Raises:
            ModelError: one of them shares images among its questions.

        Example:
            >>> short, long = (Batch(tokens=torch.ones(1, t), lengths=torch.tensor([t])) for t in (1, 2))
            >>> Batch.join([short, long]).tokens
            tensor([[1., 0.],
                    [1., 1.]])
        """
        if any(batch.image_rows is not None for batch in batches):
            raise ModelError("batches whose questions share images cannot be joined.")
        values: dict[str, Any] = {}
        for name in (one.name for one in fields(cls) if one.init):
            parts = [getattr(batch, name) for batch in batches]
            if all(part is not None for part in parts):
                values[name] = torch.cat(_evened(parts) if name in _PADDED else parts)
        return cls(**values)

    def select(self, rows: Tensor) -> Self:
        """The questions `rows` (Long `[R]` or bool `[B]`) as a batch of their own; shared images stay whole."""
        chosen = self if self.image_rows is None else replace(self, images=None, features=None)
        chosen = chosen.map(lambda tensor: tensor[rows])
        return (
            chosen if self.image_rows is None else replace(chosen, images=self.images, features=self.features)
        )


def _evened(parts: Sequence[Tensor]) -> list[Tensor]:
    """Rows padded on the right with 0 to the longest."""
    longest = max(part.shape[1] for part in parts)
    return [functional.pad(part, (0, longest - part.shape[1])) for part in parts]
