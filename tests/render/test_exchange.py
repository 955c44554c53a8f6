import pytest
import torch

from visreason.render.exchange import exchange
from visreason.render.lighting import Points
from visreason.render.world import World, make_world


def beside(distances: list[float]) -> Points:
    count = len(distances)
    at = torch.stack((torch.tensor(distances), torch.zeros(count), torch.zeros(count)))
    zero = torch.zeros(count, dtype=torch.long)
    return Points(at, torch.tensor([[0.0], [0.0], [1.0]]).expand(3, count), zero, zero)


@pytest.fixture
def world(scene_of) -> World:
    return make_world([scene_of(("large red rubber sphere", 0.0, 0.0))], torch.device("cpu"))


def even(level: float) -> torch.Tensor:
    """An object lit evenly."""
    fit = torch.zeros(3, 13, 1)
    fit[:, 0] = level
    return fit


def test_a_red_object_reddens_the_floor_around_it(world: World) -> None:
    change = exchange(even(1.0), torch.zeros(3, 3), beside([0.8, 1.6, 4.0]), world)
    assert (change[0] > 3 * change[1]).all()
    assert change[0, 0] > change[0, 1] > change[0, 2] > 0
    factor = (0.7 / (0.7**2 + 1.6**2) ** 0.5) ** 3
    assert float(change[0, 1]) == pytest.approx(factor * 173 / 255, rel=1e-3)


def test_a_dark_object_takes_light_but_not_more_than_there_is(world: World) -> None:
    ambient = torch.full((3, 3), 0.2)
    change = exchange(even(0.0), ambient, beside([0.01, 0.8, 4.0]), world)
    assert (change < 0).all()
    assert (ambient + change >= -1e-6).all()
    assert change[0, 0] < change[0, 1] < change[0, 2]
    torch.testing.assert_close(change[0], change[1])
