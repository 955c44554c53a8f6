import pytest
import torch

from visreason.clevr.camera import project
from visreason.render.camera import camera_rays, make_lens, pixel_order


@pytest.mark.parametrize("camera", [(7.481132, -6.50764, 5.343665), (6.98, -6.0, 4.84), (7.98, -7.0, 5.84)])
def test_rays_pass_through_what_the_pixel_shows(camera: tuple[float, float, float]) -> None:
    points = torch.tensor([[1.0, -2.0, 0.35], [-2.5, 2.5, 0.7], [0.0, 0.0, 0.0]])
    pixels = torch.tensor(project(points.numpy(), camera))
    camera_31 = torch.tensor(camera)[:, None]
    zero = torch.zeros(3, dtype=torch.long)
    rays = camera_rays(
        make_lens(480, 320, "stretch"), camera_31, zero, zero, pixels[:, 0].float(), pixels[:, 1].float()
    )
    toward = points.T - camera_31
    torch.testing.assert_close(rays.direction_3P, toward / toward.norm(dim=0), atol=1e-5, rtol=0)


def test_every_scene_has_its_own_camera() -> None:
    cameras = torch.tensor([[7.5, 7.0], [-6.5, -6.0], [5.3, 5.0]])
    scene = torch.tensor([0, 1])
    center = torch.full((2,), 8.0)
    rays = camera_rays(make_lens(16, 16, "crop"), cameras, scene, scene, center, center)
    torch.testing.assert_close(rays.origin_3P, cameras)
    torch.testing.assert_close(rays.direction_3P, -cameras / cameras.norm(dim=0))


def test_stretching_keeps_the_field_of_view_and_cropping_the_shapes() -> None:
    wide, square = make_lens(480, 320, "stretch"), make_lens(128, 128, "stretch")
    assert square.width / square.focal_x == pytest.approx(wide.width / wide.focal_x)
    assert square.height / square.focal_y == pytest.approx(wide.height / wide.focal_y)
    cropped = make_lens(128, 128, "crop")
    assert cropped.focal_x == cropped.focal_y
    assert cropped.height / cropped.focal_y == pytest.approx(wide.height / wide.focal_y)
    assert make_lens(300, 100, "crop").focal_x == pytest.approx(35 / 32 * 300)


@pytest.mark.parametrize(("width", "height"), [(480, 320), (1, 1), (13, 9), (8, 17)])
def test_every_pixel_is_visited_once_tile_by_tile(width: int, height: int) -> None:
    order, tile = pixel_order(width, height, torch.device("cpu"))
    assert torch.equal(order.sort().values, torch.arange(width * height))
    assert (tile.diff() >= 0).all()
    x, y = order % width, order // width
    for number in tile.unique():
        inside = tile == number
        assert x[inside].max() - x[inside].min() < 8
        assert y[inside].max() - y[inside].min() < 8
