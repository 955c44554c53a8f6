"""Programs that a generator has written, symbol by symbol, and how sure it was of each.

Shape legend: B questions, P symbols of the longest program (a final END counts), V symbols there are, T words.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional

from visreason.nn.functions import FIRST_FUNCTION, NULL

FORBIDDEN = -1e4
"""The score of a symbol that the grammar forbids: no probability in any precision, and no infinity to reckon with."""


@dataclass(frozen=True)
class Decoded:
    """What was written for B questions; probabilities keep their gradient.

    Attributes:
        symbols: Long `[B, P]`, every symbol as written, a final END too; 0 after it.
        steps: bool `[B, P]`, True where a symbol was written.
        arities: Long `[V]`, how many inputs each symbol reads; 1 for what is no function, which execution skips.
        logits: float `[B, P, V]`, scores of every symbol, over the temperature, `FORBIDDEN` where the grammar forbids.
        perturbed: float `[B, P, V]`, whose argmax was written: the logits, with Gumbel noise when sampling.
        attention: float `[B, P, T]`, over the question's words, of a generator that attends.

    Example:
        >>> scores = torch.tensor([[[0.0, 0, 0, 0, 9, 0], [0, 0, 0, 0, 0, 9], [0, 0, 9, 0, 0, 0]]])
        >>> symbols, arities = torch.tensor([[4, 5, 2]]), torch.tensor([1, 1, 1, 1, 1, 0])
        >>> count_scene = Decoded(symbols, symbols > 0, arities, scores, scores)
        >>> count_scene.programs, count_scene.used
        (tensor([[4, 5]]), tensor([[ True,  True, False]]))
    """

    symbols: Tensor
    steps: Tensor
    arities: Tensor
    logits: Tensor
    perturbed: Tensor
    attention: Tensor | None = None

    @cached_property
    def programs(self) -> Tensor:
        """Long `[B, P']`, the functions alone, in the form of `Batch.programs`; what follows a closed tree included."""
        functions_BP = self.symbols.masked_fill(self.symbols < FIRST_FUNCTION, NULL)
        return functions_BP.gather(1, self.columns)

    @cached_property
    def columns(self) -> Tensor:
        """Long `[B, P']`, the column of `symbols` from which each column of `programs` comes."""
        kept_BP = self.symbols >= FIRST_FUNCTION
        longest = int(kept_BP.sum(dim=1).max())
        return (~kept_BP).int().argsort(dim=1, stable=True)[:, :longest]

    @cached_property
    def used(self) -> Tensor:
        """Bool `[B, P]`, True for the symbols on which the executed program depends: those until the tree closes."""
        change_BP = (self.arities[self.symbols] - 1).masked_fill(~self.steps, 0)
        missing_BP = (
            1 + change_BP.cumsum(dim=1) - change_BP
        )  # inputs that were still missing before each symbol
        closed_BP = (missing_BP <= 0).int().cummax(dim=1).values.bool()
        return self.steps & ~closed_BP

    @cached_property
    def distributions(self) -> Tensor:
        """Float `[B, P, V]`, the probability of every symbol; 0 after the end."""
        return self._log_probabilities.exp() * self.steps[..., None]

    @cached_property
    def log_probability(self) -> Tensor:
        """Float `[B, P]`, of the symbol that was written; 0 after the end."""
        taken_BP: Tensor = self._log_probabilities.gather(2, self.symbols[..., None])[..., 0]
        return taken_BP.masked_fill(~self.steps, 0.0)

    @cached_property
    def entropy(self) -> Tensor:
        """Float `[B, P]`, of each step's distribution, in nats; 0 after the end."""
        return -(self.distributions * self._log_probabilities).sum(dim=2)

    @cached_property
    def _log_probabilities(self) -> Tensor:
        return functional.log_softmax(self.logits, dim=2)


def gumbel_noise(like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Independent draws of Gumbel(0, 1): the argmax of scores plus these is a sample of their softmax.

    Args:
        like: of the wanted shape, type and device.
        generator: of random numbers, on the same device; None: PyTorch's own.
    """
    return -torch.empty_like(like).exponential_(generator=generator).log()
