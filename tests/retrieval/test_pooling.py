import pytest
import torch

from visreason.retrieval.pooling import pool, regional_maxima, regions


def test_mean_and_maximum_are_over_all_cells() -> None:
    map_IChw = torch.randn(2, 3, 4, 5)
    assert torch.allclose(pool(map_IChw, "mean"), map_IChw.mean((2, 3)))
    assert torch.equal(pool(map_IChw, "max"), map_IChw.amax((2, 3)))


@pytest.mark.parametrize(("height", "width"), [(8, 8), (8, 12), (20, 10), (1, 7), (2, 2)])
def test_regions_cover_the_map_and_stay_inside(height: int, width: int) -> None:
    covered = torch.zeros(height, width)
    for top, left, side in regions(height, width):
        assert 0 <= top <= height - side
        assert 0 <= left <= width - side
        covered[top : top + side, left : left + side] += 1
    assert covered.min() >= 1


def test_neighbouring_largest_regions_overlap_by_two_fifths() -> None:
    lefts = sorted({left for _, left, side in regions(10, 16) if side == 10})
    assert lefts == [0, 6]


def test_scales_have_one_to_three_regions_a_side_on_a_square() -> None:
    sides = [side for _, _, side in regions(12, 12)]
    assert {side: sides.count(side) for side in sides} == {12: 1, 8: 4, 6: 9}


def test_regional_maxima_follow_the_formula() -> None:
    map_IChw = torch.rand(2, 5, 6, 9)
    total = torch.zeros(2, 5)
    for top, left, side in regions(6, 9):
        best = map_IChw[:, :, top : top + side, left : left + side].amax((2, 3))
        total += best / best.norm(dim=1, keepdim=True)
    assert torch.allclose(pool(map_IChw, "rmac"), total / total.norm(dim=1, keepdim=True), atol=1e-6)
    assert torch.allclose(regional_maxima(3 * map_IChw), regional_maxima(map_IChw), atol=1e-6)
