"""A batch of questions and expressions as its two halves, each with what the model says of it."""

from typing import NamedTuple

from torch import Tensor

from visreason.models import Output
from visreason.nn.batch import Batch


class Half(NamedTuple):
    """The questions of a batch, or the expressions."""

    batch: Batch
    output: Output


def halves(batch: Batch, output: Output) -> tuple[Half | None, Half | None]:
    """The questions, which ask for answers, and the expressions, which ask for boxes; None where there are none.

    Example:
        >>> import torch
        >>> boxes = torch.tensor([[float("nan")] * 4, [1.0, 2.0, 3.0, 4.0]])
        >>> two = Batch(tokens=torch.ones(2, 1), lengths=torch.ones(2), boxes=boxes)
        >>> questions, expressions = halves(two, Output(torch.zeros(2, 3)))
        >>> len(questions.batch), expressions.batch.boxes.tolist()
        (1, [[1.0, 2.0, 3.0, 4.0]])
    """
    if batch.boxes is None:
        return Half(batch, output), None
    located_B = ~batch.boxes[:, 0].isnan()
    if bool(located_B.all()):
        return None, Half(batch, output)
    if not bool(located_B.any()):
        return Half(batch, output), None
    return _half(batch, output, ~located_B), _half(batch, output, located_B)


def _half(batch: Batch, output: Output, chosen_B: Tensor) -> Half:
    def rows(tensor: Tensor | None) -> Tensor | None:
        return None if tensor is None else tensor[chosen_B]

    part = Output(
        output.logits[chosen_B],
        referents=rows(output.referents),
        modules=rows(output.modules),
        places=rows(output.places),
        corners=rows(output.corners),
        words=rows(output.words),
    )
    return Half(batch.select(chosen_B), part)
