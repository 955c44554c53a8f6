"""The controller as we run it against the controller as it is written down."""

import pytest
import torch

from visreason.nn.controller import TextController
from visreason.nn.controller_plain import PackedBothWays, PlainTextController

TOKENS = torch.tensor([[3, 1, 2, 5, 0], [4, 5, 0, 0, 0], [6, 0, 0, 0, 0]])
LENGTHS = torch.tensor([4, 2, 1])


@pytest.mark.parametrize("about", ["embeddings", "states"])
@pytest.mark.parametrize("scores", ["mlp", "linear"])
def test_both_forms_plan_alike_and_learn_alike(about, scores):
    found = []
    for kind in (TextController, PlainTextController):
        torch.manual_seed(0)
        controller = kind(9, word_size=4, hidden=6, steps=3, modules=5, about=about, scores=scores).double()
        if kind is PlainTextController:
            controller.encoder.__class__ = PackedBothWays
        plan = controller(TOKENS, LENGTHS)
        parts = [
            plan.control_BTE,
            plan.logits_BTM,
            plan.weights_BTM,
            plan.attention_BTW[:, :, :4],
            plan.question_BH,
        ]
        weights = dict(controller.named_parameters())
        total = sum(((part + 0.3) ** 2).sum() for part in parts)
        found.append([*parts, *torch.autograd.grad(total, list(weights.values()))])
    for ours, plain in zip(*found, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-9, atol=1e-12)
