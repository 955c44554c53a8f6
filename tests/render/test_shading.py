import pytest
import torch

from visreason.clevr.scene import Scene
from visreason.render import Renderer
from visreason.render.shading import lobe_points
from visreason.render.vectors import spread

SIZE = (120, 80)


def picture(scene: Scene) -> tuple[torch.Tensor, torch.Tensor]:
    """RGB and mask of a small picture."""
    rendered = Renderer(*SIZE, supersample="all").render([scene])
    return rendered.rgb[0].float(), rendered.mask[0]


def mean_color(scene: Scene, thing: int) -> torch.Tensor:
    rgb, mask = picture(scene)
    return rgb[mask == thing].mean(0)


def test_metal_shows_its_neighbour_and_rubber_does_not(scene_of) -> None:
    shift = {}
    for material in ("metal", "rubber"):
        alone = scene_of((f"large gray {material} sphere", 0.0, 0.0))
        beside = scene_of((f"large gray {material} sphere", 0.0, 0.0), ("large red rubber cube", 1.1, 1.4))
        one, _ = picture(alone)
        two, mask = picture(beside)
        redness = (two - one)[mask == 0] @ torch.tensor([1.0, -0.5, -0.5])
        shift[material] = float(redness.max())
    assert shift["metal"] > 25
    assert shift["rubber"] < 0.5 * shift["metal"]


def test_metal_mirrors_metal(scene_of) -> None:
    one = scene_of(("large gray metal cube", 0.0, 0.0), ("large yellow metal sphere", 0.3, -1.9))
    two = scene_of(("large gray metal cube", 0.0, 0.0), ("large blue metal sphere", 0.3, -1.9))
    (first, mask), (second, _) = picture(one), picture(two)
    assert float((first - second).abs()[mask == 0].amax()) > 30


@pytest.mark.parametrize("color", ["red", "green", "blue", "yellow", "cyan", "purple"])
@pytest.mark.parametrize("material", ["rubber", "metal"])
def test_objects_have_their_colour(scene_of, color: str, material: str) -> None:
    mean = mean_color(scene_of((f"large {color} {material} cylinder", 0.0, 0.0)), 0)
    strong = {"red": (0,), "green": (1,), "blue": (2,), "yellow": (0, 1), "cyan": (1, 2), "purple": (0, 2)}[
        color
    ]
    weak = [channel for channel in range(3) if channel not in strong]
    assert mean[list(strong)].min() > 1.2 * mean[weak].max()


def test_spheres_of_metal_show_lamps_and_spheres_of_rubber_a_soft_shine(scene_of) -> None:
    (metal, mask), (rubber, _) = (
        picture(scene_of((f"large gray {material} sphere", 0.0, 0.0))) for material in ("metal", "rubber")
    )
    assert metal[mask == 0].max() > 200
    assert rubber[mask == 0].max() < 170
    assert metal[mask == 0].std() > 1.5 * rubber[mask == 0].std()


def test_shares_of_a_lobe_make_up_the_whole() -> None:
    cpu = torch.device("cpu")
    whole, shares = lobe_points(1, cpu), lobe_points(4, cpu)
    assert whole.shape == (2, 1, 8)
    assert shares.shape == (2, 4, 2)
    assert torch.equal(shares.flatten(1).sort(1).values, spread(8, cpu).sort(1).values)
