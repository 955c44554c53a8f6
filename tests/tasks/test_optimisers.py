"""A recipe's optimiser takes the steps that its formula says."""

from copy import deepcopy
from typing import Literal

import pytest
import torch
from lightning.pytorch.plugins import MixedPrecision
from torch import nn

from visreason.tasks.optimisers import MuonWithAdamW, make_optimiser
from visreason.tasks.recipes.sections import OptimiserSettings


class Small(nn.Module):
    """A layer of every kind."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(5, 6)
        self.conv = nn.Conv2d(3, 4, 2)
        self.norm = nn.BatchNorm2d(4)
        self.linear = nn.Linear(16, 8)
        self.frozen = nn.Linear(2, 2).requires_grad_(False)


def settings(name: Literal["adam", "adamw", "muon", "sgd"], weight_decay: float = 0.0) -> OptimiserSettings:
    return OptimiserSettings(name, 0.01, (0.9, 0.99), weight_decay, clip_norm=None)


@pytest.fixture
def model() -> Small:
    torch.manual_seed(0)
    small = Small()
    for parameter in small.parameters():
        parameter.grad = torch.randn_like(parameter) if parameter.requires_grad else None
    return small


def steps(before: nn.Module, after: nn.Module) -> dict[str, torch.Tensor]:
    old = dict(before.named_parameters())
    return {name: (new - old[name]).detach() for name, new in after.named_parameters()}


@pytest.mark.parametrize("name", ["conv.weight", "linear.weight"])
def test_all_directions_of_a_matrix_go_about_as_far(model: Small, name: str) -> None:
    before = deepcopy(model)
    make_optimiser(model, settings("muon")).step()
    moved = steps(before, model)[name].flatten(1)
    lengths = torch.linalg.svdvals(moved) / (0.01 * 0.2 * max(moved.shape) ** 0.5)
    assert lengths.min() > 0.5
    assert lengths.max() < 1.5
    gradient = dict(model.named_parameters())[name].grad
    assert gradient is not None
    assert (moved * gradient.flatten(1)).sum() < 0


def test_all_else_goes_as_with_adamw_and_the_frozen_stays(model: Small) -> None:
    before, other = deepcopy(model), deepcopy(model)
    for parameter, twin in zip(model.parameters(), other.parameters(), strict=True):
        twin.grad = None if parameter.grad is None else parameter.grad.clone()
    make_optimiser(model, settings("muon", 0.1)).step()
    make_optimiser(other, settings("adamw", 0.1)).step()
    mine, theirs = steps(before, model), steps(before, other)
    for name in ("words.weight", "conv.bias", "norm.weight", "norm.bias", "linear.bias"):
        assert torch.equal(mine[name], theirs[name])
    assert not mine["frozen.weight"].any()
    assert not torch.equal(mine["linear.weight"], theirs["linear.weight"])


def test_the_learning_rate_of_its_group_is_that_of_both_parts(model: Small) -> None:
    before = deepcopy(model)
    optimiser = make_optimiser(model, settings("muon"))
    optimiser.param_groups[0]["lr"] = 0.0
    optimiser.step()
    assert not any(step.any() for step in steps(before, model).values())


def test_it_goes_on_from_its_state(model: Small) -> None:
    optimiser = MuonWithAdamW(model, [p for p in model.parameters() if p.requires_grad], settings("muon"))
    optimiser.step()
    twin = deepcopy(model)
    for parameter, same in zip(model.parameters(), twin.parameters(), strict=True):
        same.grad = None if parameter.grad is None else parameter.grad.clone()
    again = make_optimiser(twin, settings("muon"))
    again.load_state_dict(deepcopy(optimiser.state_dict()))
    optimiser.step()
    again.step()
    assert all(map(torch.equal, model.parameters(), twin.parameters()))


def test_it_is_handed_a_closure(model: Small) -> None:
    optimiser = make_optimiser(model, settings("muon"))

    def closure() -> float:
        optimiser.zero_grad()
        loss = model.linear.weight.square().sum()
        torch.autograd.backward(loss)
        return loss.item()

    before = model.linear.weight.square().sum().item()
    assert optimiser.step(closure) == before
    assert model.linear.weight.square().sum() < before


def test_with_sgd_biases_and_norms_do_not_decay(model: Small) -> None:
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter) if parameter.requires_grad else None
    before = deepcopy(model)
    optimiser = make_optimiser(model, settings("sgd", weight_decay=0.5))
    assert [group["momentum"] for group in optimiser.param_groups] == [0.9, 0.9]
    optimiser.step()
    moved = {name for name, step in steps(before, model).items() if step.abs().max() > 0}
    assert moved == {"words.weight", "conv.weight", "linear.weight"}
    assert torch.allclose(model.linear.weight, before.linear.weight * (1 - 0.01 * 0.5))


@pytest.mark.parametrize(("name", "kind"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)])
def test_adam_steps_as_pytorchs_and_can_be_clipped_in_bfloat16(
    model: Small, name: Literal["adam", "adamw"], kind: type[torch.optim.Adam]
) -> None:
    twin = deepcopy(model)
    for parameter, other in zip(model.parameters(), twin.parameters(), strict=True):
        other.grad = None if parameter.grad is None else parameter.grad.clone()
    ours = make_optimiser(model, settings(name, weight_decay=0.1))
    learns = [parameter for parameter in twin.parameters() if parameter.requires_grad]
    plain = kind(learns, lr=0.01, betas=(0.9, 0.99), weight_decay=0.1, fused=False)
    for optimiser in (ours, plain):
        MixedPrecision("bf16-mixed", "cpu").clip_gradients(optimiser, 0.5)
        optimiser.step()
        optimiser.step()
    for one, other in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)
