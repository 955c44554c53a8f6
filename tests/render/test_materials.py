import math

import pytest
import torch

from visreason.render import materials
from visreason.render.vectors import dot, normalize


def hemisphere(count: int = 400_000) -> torch.Tensor:
    """Directions with equal solid angles, [3, P]; the integral is 2 pi times the mean."""
    generator = torch.Generator().manual_seed(0)
    z, turn = torch.rand(count, generator=generator), 2 * math.pi * torch.rand(count, generator=generator)
    level = (1 - z * z).sqrt()
    return torch.stack((level * turn.cos(), level * turn.sin(), z))


def toward(angle: float, turn: float = 0.3) -> torch.Tensor:
    return torch.tensor(
        [[math.sin(angle) * math.cos(turn)], [math.sin(angle) * math.sin(turn)], [math.cos(angle)]]
    )


def test_fresnel_goes_from_schlicks_value_to_one() -> None:
    straight, grazing = materials.fresnel(torch.tensor([1.0, 0.0]), 1.2).tolist()
    assert straight == pytest.approx((0.2 / 2.2) ** 2, rel=1e-4)
    assert grazing == pytest.approx(1.0)
    cosine = torch.linspace(0.001, 1, 100)
    assert (materials.fresnel(cosine, 1.4).diff() < 0).all()


@pytest.mark.parametrize("angle", [0.1, 0.7, 1.2])
def test_the_coat_reflects_no_more_than_it_receives(angle: float) -> None:
    light = hemisphere()
    normal = torch.tensor([[0.0], [0.0], [1.0]]).expand_as(light)
    albedo = 2 * math.pi * materials.coat_light(normal, toward(angle).expand_as(light), light).mean()
    assert 0.75 < float(albedo) < 1.05


@pytest.mark.parametrize("angle", [0.1, 0.6, 1.1])
def test_sampling_rough_metal_and_lighting_it_agree(angle: float) -> None:
    """A uniform surrounding reflects the same share whether it is sampled or integrated."""
    light = hemisphere()
    view = toward(angle)
    lit = materials.rough_light(view.expand_as(light), light, torch.zeros(1))
    integrated = 2 * math.pi * float(lit.mean())
    u = torch.rand(2, 1, 20_000, generator=torch.Generator().manual_seed(1))
    out, weight = materials.rough_directions(view, u)
    assert float(weight.mean()) == pytest.approx(integrated, rel=0.03)
    assert integrated <= 1.02
    torch.testing.assert_close(out.norm(dim=0), torch.ones(1, 20_000), atol=1e-4, rtol=0)


def test_rough_metal_mirrors_on_average() -> None:
    out, weight = materials.rough_directions(toward(0.5), torch.rand(2, 1, 20_000))
    mean = normalize((out * weight).mean(2))
    mirrored = toward(0.5) * torch.tensor([[-1.0], [-1.0], [1.0]])
    assert float(dot(mean, mirrored)) > 0.99


def test_brush_marks_spread_light_across_them() -> None:
    out, _ = materials.rough_directions(toward(0.0), torch.rand(2, 1, 20_000))
    assert float(out[1].std() / out[0].std()) == pytest.approx(0.2667 / 0.15, rel=0.15)


def test_brush_marks_run_around_the_vertical_axis() -> None:
    offset = torch.tensor([[1.0, 0.5], [0.0, 0.5], [0.2, 1.0]])
    normal = torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    along, across = materials.brushed_frame(offset, normal)
    torch.testing.assert_close(
        along, torch.tensor([[0.0, -(0.5**0.5)], [1.0, 0.5**0.5], [0.0, 0.0]]), atol=1e-5, rtol=0
    )
    torch.testing.assert_close(
        across, torch.tensor([[0.0, -(0.5**0.5)], [0.0, -(0.5**0.5)], [1.0, 0.0]]), atol=1e-5, rtol=0
    )


def test_a_wider_lamp_gives_a_weaker_wider_highlight() -> None:
    view, light = toward(0.0), toward(0.0)
    peak = [float(materials.rough_light(view, light, torch.tensor([spread]))) for spread in (0.0, 0.2)]
    assert peak[1] < peak[0]
