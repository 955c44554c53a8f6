"""What every model reads: questions with their images or objects, as tensors.

Shape legend: B questions, T words of the longest one, N objects, D numbers an object, H x W pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Self

import torch
from torch import Tensor


@dataclass(slots=True, kw_only=True)
class Batch:
    """B questions side by side; whatever a model does not read may be left out.

    Attributes:
        tokens: Long `[B, T]`, words in reading order as indices from 1, padded on the right with 0. Reversing
            and left padding are the text encoder's business.
        lengths: Long `[B]`, the number of words of each question.
        images: float `[B, 3, H, W]` in [0, 1].
        objects: float `[B, N, D]`, state descriptions, zero rows where there are fewer than N objects.
        object_mask: bool `[B, N]`, True where `objects` holds an object and not padding.
        answers: Long `[B]`, the class of the true answer, from 0.
        question_index: Long `[B]`, which question of the data this is.
        image_index: Long `[B]`, which image of the data it is about (questions of one image are one cluster).
        attributes: float `[B, 15]`, 1 where the scene holds an object of that attribute value.

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
    objects: Tensor | None = None
    object_mask: Tensor | None = None
    answers: Tensor | None = None
    question_index: Tensor | None = None
    image_index: Tensor | None = None
    attributes: Tensor | None = None

    def __len__(self) -> int:
        """The number of questions."""
        return self.tokens.shape[0]

    def map(self, function: Callable[[Tensor], Tensor]) -> Self:
        """A batch with `function` applied to every tensor that is there."""
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        there = {name: function(tensor) for name, tensor in values.items() if tensor is not None}
        return type(self)(**there)

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """The same batch on `device`."""
        return self.map(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> Self:
        """The same batch in page-locked memory; PyTorch's data loader calls this when asked to pin."""
        return self.map(torch.Tensor.pin_memory)

    def select(self, rows: Tensor) -> Self:
        """The questions `rows` (Long `[R]` or bool `[B]`) as a batch of their own."""
        return self.map(lambda tensor: tensor[rows])
