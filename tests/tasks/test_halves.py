"""A batch of questions and expressions, taken apart."""

from dataclasses import fields

import pytest
import torch

from visreason.models import Output
from visreason.nn.batch import Batch
from visreason.tasks.halves import halves

NAN = float("nan")


@pytest.fixture
def batch():
    """An expression between two questions about two images."""
    return Batch(
        tokens=torch.ones(3, 2, dtype=torch.long),
        lengths=torch.full((3,), 2),
        images=torch.rand(2, 3, 4, 4),
        image_rows=torch.tensor([0, 1, 1]),
        answers=torch.tensor([1, -1, 0]),
        boxes=torch.tensor([[NAN] * 4, [1.0, 2.0, 3.0, 4.0], [NAN] * 4]),
        question_index=torch.tensor([5, 6, 7]),
    )


@pytest.fixture
def output():
    return Output(
        torch.rand(3, 2),
        referents=torch.rand(3, 4, 2, 3),
        modules=torch.rand(3, 4, 9),
        places=torch.rand(3, 6),
        corners=torch.rand(3, 6, 4),
        words=torch.rand(3, 3, 5),
    )


def test_each_half_holds_its_own_rows_of_all_that_is_said(batch, output):
    parts = halves(batch, output)
    for half, rows, indices in zip(parts, ([0, 2], [1]), ([5, 7], [6]), strict=True):
        assert half.batch.question_index.tolist() == indices
        assert half.batch.image_rows.tolist() == batch.image_rows[rows].tolist()
        for one in fields(Output):
            if one.name not in ("programs", "trace"):  # of other networks; of nothing that is trained
                assert torch.equal(getattr(half.output, one.name), getattr(output, one.name)[rows])


def test_what_a_network_does_not_say_its_halves_do_not_either(batch, output):
    output.places = output.corners = output.words = None
    asked, _ = halves(batch, output)
    assert asked.output.places is asked.output.corners is asked.output.words is None


@pytest.mark.parametrize(("rows", "place"), [([0, 2], 0), ([1], 1)])
def test_a_batch_of_one_kind_is_one_half_as_it_is(batch, output, rows, place):
    only = batch.select(torch.tensor(rows))
    parts = halves(only, output)
    assert parts[place].batch is only
    assert parts[1 - place] is None


def test_without_boxes_all_are_questions(batch, output):
    batch.boxes = None
    asked, located = halves(batch, output)
    assert asked.batch is batch
    assert located is None
