import math

import pytest
import torch

from visreason.render import shapes

KINDS = {"sphere": shapes.SPHERE, "cube": shapes.CUBE, "cylinder": shapes.CYLINDER}


def outside(kind: int, p: torch.Tensor) -> torch.Tensor:
    """Signed distance of points to the body, written plainly."""
    if kind == shapes.SPHERE:
        return p.norm(dim=0) - 1
    if kind == shapes.CUBE:
        return (p.abs() - (1 - shapes.EDGE)).clamp_min(0).norm(dim=0) - shapes.EDGE
    side = (p[:2].norm(dim=0) - (1 - shapes.BEVEL)).clamp_min(0)
    cap = (p[2].abs() - (1 - shapes.BEVEL)).clamp_min(0)
    return torch.hypot(side, cap) - shapes.BEVEL


def rays(count: int = 3000) -> tuple[torch.Tensor, torch.Tensor]:
    """Rays from a shell of radius 3 to points around the body."""
    generator = torch.Generator().manual_seed(1)
    start = torch.nn.functional.normalize(torch.randn(3, count, generator=generator), dim=0) * 3
    target = (torch.rand(3, count, generator=generator) - 0.5) * 3
    return start, torch.nn.functional.normalize(target - start, dim=0)


def march(kind: int, x: torch.Tensor, d: torch.Tensor) -> torch.Tensor:
    """Distance to the first point inside, in small steps."""
    t = torch.arange(0, 6, 0.005)
    inside = outside(kind, (x[..., None] + d[..., None] * t).flatten(1)).reshape(x.shape[1], -1) < 0
    return torch.where(inside.any(1), t[inside.float().argmax(1)], torch.inf)


@pytest.mark.parametrize("name", KINDS)
def test_hits_agree_with_marching(name: str) -> None:
    kind, (x, d) = KINDS[name], rays()
    found, expected = shapes.HIT[kind](x, d, 20), march(kind, x, d)
    both = found.isfinite() & expected.isfinite()
    assert (found.isfinite() == expected.isfinite()).float().mean() > 0.985, "only grazing rays may differ"
    assert both.sum() > 500
    assert ((found - expected)[both].abs() < 0.03).float().mean() > 0.99
    assert outside(kind, (x + d * found)[:, found.isfinite()]).abs().max() < 0.01


@pytest.mark.parametrize("name", KINDS)
def test_level_rays_hit_the_faces(name: str) -> None:
    x = torch.tensor([[3.0, 3.0, 3.0], [0.0, 1.2, 0.0], [0.0, 0.0, 0.0]])
    d = torch.tensor([[-1.0, -1.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    found = shapes.HIT[KINDS[name]](x, d, 4)
    assert found.tolist() == [pytest.approx(2.0, abs=1e-4), math.inf, math.inf]


@pytest.mark.parametrize("name", KINDS)
def test_normals_are_the_slope_of_the_distance(name: str) -> None:
    kind, (x, d) = KINDS[name], rays()
    t = shapes.HIT[kind](x, d, 20)
    at = (x + d * t)[:, t.isfinite()].double()
    step = 1e-4 * torch.eye(3, dtype=torch.double)[:, :, None]
    moved = (at[:, None] + 0.02 * shapes.NORMAL[kind](at)[:, None] + step.transpose(0, 1)).flatten(1)
    back = (at[:, None] + 0.02 * shapes.NORMAL[kind](at)[:, None] - step.transpose(0, 1)).flatten(1)
    slope = (outside(kind, moved) - outside(kind, back)).reshape(3, -1) / 2e-4
    normal = shapes.NORMAL[kind](at)
    torch.testing.assert_close(normal.norm(dim=0), torch.ones(at.shape[1], dtype=torch.double))
    assert ((slope - normal).abs().amax(0) < 0.05).double().mean() > 0.97


@pytest.mark.parametrize("name", KINDS)
def test_bounds_hold_every_hit(name: str) -> None:
    kind, (x, d) = KINDS[name], rays()
    t = shapes.HIT[kind](x, d, 20)
    assert (x + d * t)[:, t.isfinite()].norm(dim=0).max() <= shapes.BOUND[kind] + 0.01
