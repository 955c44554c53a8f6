import torch

from visreason.clevr.scene import Scene
from visreason.render.object_light import evaluate, fit, samples, terms
from visreason.render.vectors import normalize
from visreason.render.world import make_world

CPU = torch.device("cpu")


def test_light_that_the_terms_can_hold_comes_back(still_life: Scene) -> None:
    world = make_world([still_life], CPU)
    points, terms_CMS = samples(world)
    n, thing = points.normal_3P, points.own_P
    assert thing is not None
    bright = 2 + n[0] + 0.5 * n[1] * n[2]
    values = torch.stack((bright, 2 * bright, torch.ones_like(bright)))
    found = evaluate(fit(values, terms_CMS), points.at_3P, n, thing, world)
    assert (found - values).abs().max() < 0.15
    assert (found - values).abs().mean() < 0.02


def test_samples_lie_on_the_objects(still_life: Scene) -> None:
    world = make_world([still_life], CPU)
    points, terms_CMS = samples(world)
    assert points.own_P is not None
    offset = (points.at_3P - world.objects.center_3M[:, points.own_P]) / world.objects.radius_M[points.own_P]
    assert offset[2].min() > -1.001
    assert offset.norm(dim=0).min() > 0.95
    assert offset.abs().max() < 1.45
    assert ((offset * points.normal_3P).sum(0) > 0.5).all(), "normals point outwards"
    assert terms_CMS.shape == (13, 6, 45)


def test_light_is_never_negative(still_life: Scene) -> None:
    world = make_world([still_life], CPU)
    points, terms_CMS = samples(world)
    assert points.own_P is not None
    spot = (points.normal_3P[0] > 0.9).float().expand(3, -1)
    found = evaluate(fit(spot, terms_CMS), points.at_3P, points.normal_3P, points.own_P, world)
    assert found.min() == 0


def test_terms_have_one_row_each() -> None:
    n = normalize(torch.randn(3, 5))
    rows = terms(n, torch.zeros(5))
    assert rows.shape == (13, 5)
    assert torch.equal(rows[0], torch.ones(5))
    assert (rows[9:] == 0).all()
