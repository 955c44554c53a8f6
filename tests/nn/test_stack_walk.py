"""The walk whose gradient is written out, against autograd over the formula it is given by."""

import pytest
import torch
from torch.nn import functional

from visreason.nn.knowledge import Knowledge
from visreason.nn.stack_moves import Routes
from visreason.nn.stack_walk import walk_stack

QUESTIONS, STEPS, PLACES, CELLS, SIZE = 2, 4, 3, 6, 5
SHAPES = {
    "cells": (QUESTIONS, CELLS, SIZE),
    "read": (QUESTIONS, STEPS, 4, PLACES),
    "share": (QUESTIONS, STEPS, 4),
    "keep": (QUESTIONS, STEPS, PLACES),
    "place": (QUESTIONS, STEPS, 6, PLACES),
    "find": (QUESTIONS, STEPS, CELLS),
    "scene": (QUESTIONS, CELLS),
    "transform": (QUESTIONS, STEPS, SIZE),
    "weight": (SIZE,),
    "bias": (1,),
}


@pytest.fixture
def given():
    torch.manual_seed(0)
    return {name: torch.randn(*shape, dtype=torch.float64) for name, shape in SHAPES.items()}


def ours(cells, read, share, keep, place, find, scene, transform, weight, bias):
    routes = Routes(read, share, keep, place)
    return walk_stack(Knowledge(cells), routes, find, scene, transform, weight, bias)


def plain(cells, read, share, keep, place, find, scene, transform, weight, bias):
    stack, stacks, attended = cells.new_zeros(QUESTIONS, PLACES, CELLS), [], []
    for step in range(STEPS):
        found = read[:, step] @ stack + share[:, step, :, None] * find[:, step, None]
        here, here_filter, below, below_filter = found.unbind(dim=1)
        attended.append(torch.stack([here, below], dim=1).softmax(2) @ cells)
        asked = transform[:, step] * attended[-1][:, 0]
        matched = functional.normalize(cells * asked[:, None], dim=2) @ weight + bias
        joined = [here.minimum(below), here_filter.minimum(below_filter), here.maximum(below)]
        maps = torch.stack([find[:, step], matched, *joined, scene], dim=1)
        stack = keep[:, step, :, None] * stack + place[:, step].transpose(1, 2) @ maps
        stacks.append(stack)
    return torch.stack(stacks, dim=1), torch.stack(attended, dim=1)


def compare(given):
    """Values and every gradient."""
    found = []
    for form in (ours, plain):
        inputs = {name: one.clone().requires_grad_() for name, one in given.items()}
        stacks, attended = form(**inputs)
        loss = (stacks * torch.arange(stacks.numel()).view_as(stacks).sin()).sum() + attended.sin().sum()
        found.append([stacks, attended, *torch.autograd.grad(loss, list(inputs.values()))])
    for name, one, other in zip(["stacks", "attended", *given], *found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-10, msg=name)


def test_values_and_every_gradient_equal_the_plain_form(given):
    compare(given)


def test_where_two_maps_are_equal_each_gets_half_of_the_gradient(given):
    given["read"][:, :, 2:], given["share"][:, :, 2:] = given["read"][:, :, :2], given["share"][:, :, :2]
    compare(given)


def test_a_transform_of_nothing_has_a_finite_gradient(given):
    given["transform"][:, 1] = 0
    inputs = {name: one.requires_grad_() for name, one in given.items()}
    slopes = torch.autograd.grad(ours(**inputs)[0].sum(), list(inputs.values()))
    assert all(bool(slope.isfinite().all()) for slope in slopes)


def test_only_the_stack_or_only_what_was_attended_may_be_asked_for(given):
    for part in range(2):
        slopes = []
        for form in (ours, plain):
            cells = given["cells"].clone().requires_grad_()
            slopes.append(torch.autograd.grad(form(**given | {"cells": cells})[part].sin().sum(), cells)[0])
        torch.testing.assert_close(*slopes, rtol=1e-9, atol=1e-10)
