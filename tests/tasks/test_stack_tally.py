"""What is collected of answers, boxes and layouts."""

import pytest
import torch

from visreason.data.vocabulary import Vocabulary
from visreason.models import Output
from visreason.nn.batch import Batch
from visreason.nn.boxes import encode_boxes
from visreason.tasks.stack_tally import StackTally

WORDS = Vocabulary(("a",), ("yes", "no"))
GRID, FRAME = (4, 6), (64, 96)
BOX = torch.tensor([[20.0, 12, 18, 22]])
NAN = torch.full((1, 4), float("nan"))


@pytest.fixture
def batch():
    """A question and an expression."""
    return Batch(
        tokens=torch.ones(2, 1, dtype=torch.long),
        lengths=torch.ones(2, dtype=torch.long),
        answers=torch.tensor([1, -1]),
        boxes=torch.cat([NAN, BOX]),
        layouts=torch.tensor([[1, 7, 0], [1, 0, 0]]),
        question_index=torch.tensor([5, 6]),
        image_index=torch.tensor([7, 7]),
    )


@pytest.fixture
def output():
    """Right about both, but for one step of the expression's layout."""
    cell, offset = encode_boxes(BOX, FRAME, GRID)
    places, corners = torch.zeros(2, 24), torch.zeros(2, 24, 4)
    places[1, cell], corners[1, cell] = 5.0, offset
    modules = 9 * torch.nn.functional.one_hot(torch.tensor([[1, 7, 0], [1, 2, 0]]), 9).float()
    return Output(torch.tensor([[0.0, 3.0], [0.0, 0.0]]), modules=modules, places=places, corners=corners)


def test_all_figures_of_both_tasks(batch, output):
    tally = StackTally(WORDS, answers=True, grid=GRID, frame=FRAME)
    tally.add(batch, output)
    tally.merge(1)
    found = tally.metrics()
    assert found["accuracy"] == found["iou50"] == found["joint_score"] == 1
    assert found["mean_iou"] == pytest.approx(1, abs=1e-5)
    assert (found["layout_exact"], found["layout_valid"]) == (1, 1)
    assert (found["expression_layout_exact"], found["expression_layout_steps"]) == (0, 2 / 3)
    assert tally.of_expressions.words() == ["Find Transform"]
    assert tally.locations.predicted[0] == pytest.approx(BOX[0].tolist(), abs=1e-4)


def test_a_network_that_only_locates_has_no_accuracy(batch, output):
    tally = StackTally(WORDS, answers=False, grid=GRID, frame=FRAME)
    tally.add(batch, output)
    found = tally.metrics()
    assert "accuracy" not in found
    assert "joint_score" not in found
    assert found["layout_steps"] == 2 / 3
