"""Location heads: every way from a map to a box."""

from dataclasses import fields

import pytest
import torch
from torch.nn import functional

from visreason.errors import ModelError
from visreason.models.locating import LocationHead, LocationHeadConfig, chosen_corners

CELLS = torch.randn(2, 12, 5, generator=torch.Generator().manual_seed(0))
MAP = torch.randn(2, 12, generator=torch.Generator().manual_seed(1))
QUESTION = torch.randn(2, 6, generator=torch.Generator().manual_seed(2))


def make(**settings):
    torch.manual_seed(0)
    head = LocationHead(LocationHeadConfig(**settings), grid=(3, 4), size=5, question=6)
    with torch.no_grad():
        for part in ("weight", "bias"):
            if hasattr(head, part):
                getattr(head, part).normal_()
    return head


def test_all_settings_are_tested_here():
    assert {one.name for one in fields(LocationHeadConfig)} == {
        "scores",
        "positive",
        "corners",
        "question",
        "frame",
    }


@pytest.mark.parametrize(("scores", "count"), [("affine", 1), ("affine-by-cell", 12)])
@pytest.mark.parametrize("positive", [True, False])
def test_affine_scores_follow_the_formula(scores, count, positive):
    head = make(scores=scores, positive=positive)
    assert head.weight.shape == head.bias.shape == (count,)
    head.weight.data[0] = -2.0
    weight = head.weight.abs() if positive else head.weight
    found, _ = head(CELLS, MAP, QUESTION)
    torch.testing.assert_close(found, weight * MAP + head.bias)


def test_scores_by_convolution_look_at_neighbours():
    head = make(scores="convolution")
    found = head.score(MAP)
    expected = functional.conv2d(
        MAP.view(2, 1, 3, 4), head.convolution.weight, head.convolution.bias, padding=1
    )
    torch.testing.assert_close(found, expected.view(2, 12))
    assert not hasattr(head, "weight")


def test_corners_are_told_from_each_cell_or_from_what_is_attended_to():
    by_cell, attended = make(), make(corners="attended")
    _, found = by_cell(CELLS, MAP, QUESTION)
    torch.testing.assert_close(found, by_cell.box(CELLS))
    assert torch.equal(by_cell(CELLS, -MAP, QUESTION)[1], found)
    _, found = attended(CELLS, MAP, QUESTION)
    seen = (MAP.softmax(1)[:, :, None] * CELLS).sum(dim=1)
    torch.testing.assert_close(found, attended.box(seen)[:, None].expand(-1, 12, -1))


def test_corners_may_ask_the_question():
    head = make(question=True)
    _, found = head(CELLS, MAP, QUESTION)
    asked = functional.normalize(head.asked(QUESTION)[:, None] * CELLS, dim=2)
    torch.testing.assert_close(found, head.box(asked))
    assert not torch.allclose(head(CELLS, MAP, -QUESTION)[1], found)
    assert torch.equal(make()(CELLS, MAP, QUESTION)[1], make()(CELLS, MAP, -QUESTION)[1])


def test_the_chosen_corners_are_the_likeliest_cells():
    corners = torch.arange(2 * 12 * 4.0).view(2, 12, 4)
    cell, chosen = chosen_corners(MAP, corners)
    assert cell.tolist() == MAP.argmax(dim=1).tolist()
    assert chosen.tolist() == [corners[row, place].tolist() for row, place in enumerate(cell.tolist())]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"frame": (320,)}, "height and width"),
        ({"frame": (320, 0)}, "height and width"),
        ({"scores": "convolution", "positive": False}, "positive is about affine scores"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings, said):
    with pytest.raises(ModelError, match=said):
        make(**settings)
