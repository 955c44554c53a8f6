"""What every model gives back."""

from dataclasses import dataclass

from torch import Tensor

from visreason.trace.schema import Candidate, Trace


@dataclass(slots=True)
class Output:
    """A model's answer to a batch of B questions, and how it came to it.

    Attributes:
        logits: float `[B, A]`, one score for each of A answers (or attributes); a softmax of them is the
            probability of each answer. Of a program generator alone `[B, L, V]`: one score for each of V program
            symbols at each of L places. Of a network that answers no questions `[B, 0]`.
        programs: Long `[B, P]`, the programs that were predicted and executed, in the form of `Batch.programs`; None
            for models that make none.
        referents: `[B, P, h, w]`, of networks that execute programs and tell what a step stands for, in training: for
            every function of the program (of a soft program: for each of its T steps) and each of h x w cells, the
            logarithm of the odds that the cell holds an object that the function gives. Of networks that choose cells
            `[B, 1, h, w]`: of the odds that it holds any object.
        modules: `[B, T, M]`, of networks that plan soft programs: the scores of M modules at each of T steps.
        places: `[B, P]`, of networks that point: the score of every cell of the image.
        corners: `[B, P, 4]`: from every cell, where the box's corners lie (`visreason.nn.boxes.decode_boxes`).
        words: `[B, W + 1, V + 1]`, of networks that tell a question again from their plan, in training: scores of every
            next word and of the end (`visreason.nn.reconstruction`).
        trace: with `trace=True` one trace a question, in the order of the batch; else None.
    """

    logits: Tensor
    programs: Tensor | None = None
    referents: Tensor | None = None
    modules: Tensor | None = None
    places: Tensor | None = None
    corners: Tensor | None = None
    words: Tensor | None = None
    trace: list[Trace] | None = None


def likeliest(logits_BA: Tensor, top: int = 5) -> list[tuple[Candidate, ...]]:
    """The `top` likeliest answers of each question, best first.

    Example:
        >>> import torch
        >>> [[one.index for one in row] for row in likeliest(torch.tensor([[0.0, 2.0, 1.0]]), top=2)]
        [[1, 2]]
    """
    top = min(top, logits_BA.shape[1])
    values_BT, indices_BT = logits_BA.float().softmax(dim=1).topk(top, dim=1)
    return [
        tuple(Candidate(index=index, probability=value) for index, value in zip(indices, values, strict=True))
        for indices, values in zip(indices_BT.tolist(), values_BT.tolist(), strict=True)
    ]
