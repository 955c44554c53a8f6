import math

import pytest
import torch

from visreason.render import shapes, silhouettes
from visreason.render.vectors import cross, frame, normalize

KINDS = {"sphere": shapes.SPHERE, "cube": shapes.CUBE, "cylinder": shapes.CYLINDER}


def lines(count: int = 4000) -> tuple[torch.Tensor, torch.Tensor]:
    """Starts below and aside of a body, and directions upwards past it, as to a lamp."""
    generator = torch.Generator().manual_seed(2)
    start = torch.rand(3, count, generator=generator) * torch.tensor([[6.0], [6.0], [0.2]])
    start = start - torch.tensor([[3.0], [3.0], [1.0]])
    start = start[:, start[:2].norm(dim=0) > 1.5]
    target = (torch.rand(3, start.shape[1], generator=generator) - 0.5) * 3 + torch.tensor(
        [[0.0], [0.0], [0.5]]
    )
    return start, normalize(target - start)


@pytest.mark.parametrize("name", KINDS)
def test_the_gap_is_negative_where_the_line_hits(name: str) -> None:
    kind, (x, d) = KINDS[name], lines()
    gap, depth = silhouettes.GAP[kind](x, d)
    hit = shapes.HIT[kind](x, d, 30)
    ahead = depth > 0
    wrong = (gap < 0)[ahead] != hit.isfinite()[ahead]
    assert (hit.isfinite() & ahead).sum() > 300
    assert wrong.float().mean() < 0.02, "only lines that graze a rounded corner may differ"
    assert not wrong.any() or gap[ahead][wrong].abs().max() < 0.1


@pytest.mark.parametrize("name", KINDS)
def test_the_depth_is_ahead_exactly_where_the_body_is(name: str) -> None:
    kind, (x, d) = KINDS[name], lines()
    gap, depth = silhouettes.GAP[kind](x, d)
    _, behind = silhouettes.GAP[kind](x, -d)
    through = gap < -0.02
    assert through.any()
    assert (depth[through] > 0).all()
    assert (behind[through] < 0).all()


@pytest.mark.parametrize("name", KINDS)
def test_soft_shadows_agree_with_sampling_the_lamp(name: str) -> None:
    kind, (x, d) = KINDS[name], lines()
    away, radius = 12.0, 0.8
    gap, depth = silhouettes.GAP[kind](x, d)
    closed = torch.where(depth > 0, silhouettes.hidden_share(gap, radius / away * depth.clamp_min(1e-3)), 0.0)
    generator = torch.Generator().manual_seed(3)
    first, _ = frame(d)
    second = cross(d, first)
    blocked = torch.zeros_like(gap)
    for _ in range(200):
        r, turn = torch.rand(2, generator=generator)
        aside = (
            radius
            * r.sqrt()
            * (first * torch.cos(2 * math.pi * turn) + second * torch.sin(2 * math.pi * turn))
        )
        blocked += shapes.HIT[kind](x, normalize(d * away + aside), 12).isfinite()
    error = (closed - blocked / 200).abs()
    assert ((blocked > 20) & (blocked < 180)).sum() > 50
    assert error.mean() < 0.015
    assert (error < 0.15).float().mean() > 0.98


def test_hidden_share_is_the_area_of_a_segment() -> None:
    s = torch.linspace(-1, 1, 41, dtype=torch.double)
    grid = torch.linspace(-1, 1, 1001, dtype=torch.double)
    x, y = torch.meshgrid(grid, grid, indexing="ij")
    disc = x.square() + y.square() <= 1
    expected = torch.stack([(disc & (x > edge)).sum() / disc.sum() for edge in s])
    torch.testing.assert_close(
        silhouettes.hidden_share(s, torch.tensor(1.0, dtype=torch.double)),
        expected.double(),
        atol=3e-3,
        rtol=0,
    )
