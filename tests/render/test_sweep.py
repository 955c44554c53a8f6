import numpy as np
import pytest
import torch

from visreason.clevr.camera import BASE_CAMERA, FOCAL, axes
from visreason.render import sweep

# Height of the floor at the left and right ends of image rows, base camera, 480x320 (from the original mesh).
ROWS = {0: (1.10, 0.49), 32: (0.42, 0.13), 64: (0.14, 0.04), 96: (0.05, 0.014), 128: (0.02, 0.006)}


def image_ray(x: float, y: float) -> torch.Tensor:
    right, up, forward = axes(BASE_CAMERA)
    d = forward + right * ((x - 240) / (FOCAL * 480)) - up * ((y - 160) / (FOCAL * 480))
    return torch.tensor(d / np.linalg.norm(d), dtype=torch.float32)[:, None]


@pytest.mark.parametrize("row", ROWS)
def test_the_camera_sees_the_heights_of_the_original_mesh(row: int) -> None:
    origin = torch.tensor(BASE_CAMERA)[:, None]
    for x, expected in zip((0.5, 479.5), ROWS[row], strict=True):
        d = image_ray(x, row)
        at = origin + d * sweep.hit(origin, d)
        assert float(at[2]) == pytest.approx(expected, rel=0.2, abs=0.01)


def test_hits_agree_with_marching() -> None:
    generator = torch.Generator().manual_seed(0)
    origin = (torch.rand(3, 400, generator=generator) - 0.5) * torch.tensor([[6.0], [6.0], [1.0]])
    origin[2] += 1.0
    d = torch.nn.functional.normalize(torch.randn(3, 400, generator=generator), dim=0)
    t = torch.arange(0, 40, 0.01)
    points = origin[..., None] + d[..., None] * t
    below = points[2] < sweep.height(points[0].flatten(), points[1].flatten()).reshape(points[0].shape)
    expected = torch.where(below.any(1), t[below.float().argmax(1)], torch.inf)
    found = sweep.hit(origin, d, 8)
    near = expected < 7  # nearer than any end of the floor
    assert near.sum() > 150
    assert (found[near] - expected[near]).abs().max() < 0.03
    assert (found[~near] > 6.9).all()


def test_rays_that_leave_the_floor_miss() -> None:
    origin = torch.tensor([[0.0], [0.0], [1.0]])
    up, away, aside = (
        torch.tensor(v)[:, None] for v in ((0.0, 0.0, 1.0), (0.96, -0.28, -0.01), (-0.43, -0.9, -0.005))
    )
    for d in (up, away, aside):
        assert sweep.hit(origin, torch.nn.functional.normalize(d, dim=0)).isinf().all()


def test_normals_stand_on_the_slope() -> None:
    x, y = torch.linspace(-6, 3, 50), torch.full((50,), -25.0)
    at = sweep.from_floor(x, y)
    along = sweep.from_floor(x + 0.05, y) - sweep.from_floor(x - 0.05, y)
    n = sweep.normal(at)
    cosine = (n * along).sum(0) / along.norm(dim=0)
    assert cosine.abs().max() < 0.03
    assert (n[2] > 0).all()


def test_floor_coordinates_go_there_and_back() -> None:
    x, y = torch.tensor([-20.0, -3.0, 2.0]), torch.tensor([-50.0, -25.0, -1.0])
    there = sweep.to_floor(sweep.from_floor(x, y))
    torch.testing.assert_close(there[0], x, atol=1e-4, rtol=0)
    torch.testing.assert_close(there[1], y, atol=1e-4, rtol=0)


def test_the_profile_rises_without_waves() -> None:
    x = np.linspace(-40, 4.4, 5000)
    z = sweep.profile_height(x)
    assert (np.diff(z) >= -1e-9).all()
    assert z[0] == 0
    assert sweep.profile_height(np.array([-1.07]))[0] == pytest.approx(0.974)
