import math

import pytest
import torch

from visreason.nn.decoding import FORBIDDEN, Decoded, gumbel_noise
from visreason.nn.functions import Functions
from visreason.nn.program_tree import Grammar

LANGUAGE = Functions(("scene", "red", "union"), (0, 1, 2))
ARITIES = torch.tensor([1, 1, 1, 1, 0, 1, 2])


def decoded(
    rows: list[list[int]], lengths: list[int] | None = None, scores: torch.Tensor | None = None
) -> Decoded:
    symbols = torch.tensor(rows)
    steps = (
        symbols != 0 if lengths is None else torch.arange(symbols.shape[1]) < torch.tensor(lengths)[:, None]
    )
    scores = (
        torch.randn(*symbols.shape, 7, generator=torch.Generator().manual_seed(0))
        if scores is None
        else scores
    )
    return Decoded(symbols, steps, ARITIES, scores, scores)


def test_programs_are_the_functions_alone():
    written = decoded([[5, 2, 5, 4, 2], [6, 4, 1, 3, 4], [2, 0, 0, 0, 0]])
    assert written.programs.tolist() == [[5, 5, 4], [6, 4, 4], [0, 0, 0]]
    assert written.columns[0].tolist() == [0, 2, 3]
    assert written.columns[1].tolist() == [0, 1, 4]


def test_used_ends_with_the_tree():
    written = decoded([[5, 4, 5, 4, 2], [6, 4, 5, 5, 2], [4, 2, 0, 0, 0]])
    assert written.used.int().tolist() == [[1, 1, 0, 0, 0], [1, 1, 1, 1, 1], [1, 0, 0, 0, 0]]


def test_used_is_what_execution_reads():
    rows = torch.randint(4, 7, (200, 9), generator=torch.Generator().manual_seed(0))
    written = decoded(rows.tolist())
    assert torch.equal(written.used, Grammar(LANGUAGE).used(written.programs))


def test_a_null_that_was_written_is_a_step():
    written = decoded([[5, 0, 4, 2, 0]], lengths=[4])
    assert written.programs.tolist() == [[5, 4]]
    assert written.used.int().tolist() == [[1, 1, 1, 0, 0]]
    assert (written.log_probability != 0).tolist() == [[True, True, True, True, False]]


def test_probabilities_and_entropies_by_hand():
    scores = torch.full((1, 3, 7), FORBIDDEN)
    scores[0, 0, [4, 5]] = torch.tensor([0.0, math.log(3.0)])
    scores[0, 1, 4:] = 0.0
    scores.requires_grad_()
    written = decoded([[5, 4, 0]], scores=scores)
    assert written.distributions[0].sum(1).tolist() == pytest.approx([1, 1, 0])
    assert written.log_probability[0].exp().tolist() == pytest.approx([0.75, 1 / 3, 1])
    by_hand = -0.75 * math.log(0.75) - 0.25 * math.log(0.25)
    assert written.entropy[0].tolist() == pytest.approx([by_hand, math.log(3), 0])
    (written.entropy.sum() + written.log_probability.sum()).backward()
    assert torch.isfinite(scores.grad).all()
    assert scores.grad[0, 2].abs().sum() == 0


def test_noise_makes_the_argmax_a_sample():
    scores = torch.tensor([0.0, 1.0, 2.0]).expand(20_000, 3)
    noise = gumbel_noise(scores, torch.Generator().manual_seed(0))
    counts = (scores + noise).argmax(1).bincount(minlength=3) / len(scores)
    torch.testing.assert_close(counts, scores[0].softmax(0), atol=0.01, rtol=0)
    assert torch.isfinite(noise).all()
