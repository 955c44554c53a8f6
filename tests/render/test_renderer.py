import numpy as np
import pytest
import torch

from visreason.benchmarks.fidelity import psnr
from visreason.clevr.camera import BASE_CAMERA
from visreason.clevr.lamps import KEY
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import read_scenes
from visreason.data.images import load_image
from visreason.errors import UsageError
from visreason.render import Renderer, render
from visreason.render.renderer import busy

SMALL = (60, 40)


def test_smoke(still_life: Scene, device: torch.device) -> None:
    picture = render([still_life, still_life], *SMALL, device=device)
    assert picture.rgb.shape == (2, 40, 60, 3)
    assert picture.rgb.dtype == torch.uint8
    assert picture.rgb.device.type == device.type
    assert set(picture.mask.unique().tolist()) == {-1, 0, 1, 2, 3, 4, 5}
    assert picture.depth.dtype == torch.float32
    assert picture.depth.min() > 5
    assert picture.depth.isfinite().all()


def test_devices_agree(still_life: Scene, device: torch.device) -> None:
    here, there = render([still_life], *SMALL), render([still_life], *SMALL, device=device)
    assert psnr(here.rgb.numpy(), there.rgb.cpu().numpy()) > 45
    assert (here.mask == there.mask.cpu()).float().mean() > 0.998


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (-3, 5)])
def test_sizes_without_pixels_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match=f"{size[0]}x{size[1]}"):
        Renderer(*size)


def test_unknown_words_are_refused() -> None:
    with pytest.raises(UsageError, match=r"fit is 'squeeze'.*stretch, crop"):
        Renderer(fit="squeeze")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="supersample is True"):
        Renderer(supersample=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (37, 11), (1, 30)])
def test_any_size_is_rendered(still_life: Scene, size: tuple[int, int]) -> None:
    picture = render([still_life], *size)
    assert picture.rgb.shape == (1, size[1], size[0], 3)
    assert picture.rgb.float().mean() > 40


def test_no_scenes_make_no_pictures() -> None:
    picture = render([], *SMALL)
    assert picture.rgb.shape == (0, 40, 60, 3)
    assert picture.mask.shape == picture.depth.shape == (0, 40, 60)


def test_few_objects_and_mixed_counts(scene_of, still_life: Scene) -> None:
    single = scene_of(("small cyan metal cube", 0.0, 0.0))
    picture = render([scene_of(), single, still_life], *SMALL)
    assert [int(mask.max()) for mask in picture.mask] == [-1, 0, 5]
    assert render([scene_of()], *SMALL).rgb.float().std() > 3


def test_jitter_at_its_ends_still_shows_the_scene(scene_of) -> None:
    for sign in (-0.5, 0.5):
        camera = tuple(c + sign for c in BASE_CAMERA)
        lamps = {name: tuple(x + 2 * sign for x in KEY.location) for name in ("key",)}
        picture = render(
            [scene_of(("large red metal sphere", 2.9, -2.9), camera=camera, lamps=lamps)], *SMALL
        )
        assert (picture.mask == 0).sum() > 20
        assert picture.depth.isfinite().all()
        assert 60 < picture.rgb.float().mean() < 160


def test_a_batch_is_its_single_pictures_bit_for_bit(still_life: Scene, scene_of) -> None:
    scenes = [
        still_life,
        scene_of(("large gray metal cube", 1.0, 1.0), ("small red rubber sphere", -1.0, 0.0)),
        scene_of(),
    ]
    together = Renderer(64, 64).render(scenes)
    for b, scene in enumerate(scenes):
        alone = Renderer(64, 64).render([scene])
        assert torch.equal(alone.rgb[0], together.rgb[b])
        assert torch.equal(alone.mask[0], together.mask[b])
        assert torch.equal(alone.depth[0], together.depth[b])


def test_passes_and_threads_change_no_bit(still_life: Scene, scene_of) -> None:
    scenes = [still_life, scene_of(("large gray metal cube", 1.0, 1.0)), still_life]
    renderer = Renderer(64, 64)
    once = renderer.render(scenes)
    renderer.scenes_per_pass = 1
    torch.set_num_threads(2)
    assert torch.equal(renderer.render(scenes).rgb, once.rgb)
    assert torch.equal(once.rgb[0], once.rgb[2])


@pytest.mark.parametrize("size", [(480, 320), (128, 128)])
def test_an_object_is_seen_where_its_pixel_says(scene_of, size: tuple[int, int]) -> None:
    for x, y in ((-2.5, 2.0), (0.0, 0.0), (2.6, -2.2)):
        scene = scene_of(("small blue metal sphere", x, y), camera=(7.2, -6.9, 5.6))
        mask = render([scene], *size, supersample="none").mask[0]
        row, column = (mask == 0).nonzero().float().mean(0) + 0.5
        px, py, _ = scene.objects[0].pixel
        assert abs(float(column) - px * size[0] / 480) < 1
        assert abs(float(row) - py * size[1] / 320) < 1


def test_depth_and_mask_tell_the_same_story(still_life: Scene) -> None:
    picture = render([still_life], 120, 80, supersample="none")
    mask, depth = picture.mask[0], picture.depth[0]
    empty = render([Scene((), {}, {}, 0, "", "val", still_life.camera)], 120, 80, supersample="none").depth[0]
    torch.testing.assert_close(depth[mask < 0], empty[mask < 0])
    assert (depth[mask >= 0] < empty[mask >= 0] + 1e-4).all()
    for index, thing in enumerate(still_life.objects):
        seen = depth[mask == index]
        assert len(seen) > 10
        assert (seen - thing.pixel[2]).abs().max() < 1.2
        assert seen.min() < thing.pixel[2]


def plain(monkeypatch: pytest.MonkeyPatch, scene: Scene, size: tuple[int, int]) -> torch.Tensor:
    """The picture with every ray tested against every object."""
    with monkeypatch.context() as patch:
        patch.setattr("visreason.render.world.BOUND", (1000.0, 1000.0, 1000.0))
        return render([scene], *size).rgb


def test_culling_changes_nothing_that_shows(monkeypatch: pytest.MonkeyPatch, still_life: Scene) -> None:
    change = plain(monkeypatch, still_life, SMALL).int() - render([still_life], *SMALL).rgb.int()
    assert change.abs().max() <= 1
    assert (change != 0).float().mean() < 0.001


def test_samples_at_edges_come_close_to_samples_everywhere(still_life: Scene) -> None:
    some, every, none = (
        render([still_life], 240, 160, supersample=word).rgb.numpy() for word in ("edges", "all", "none")
    )
    assert psnr(some, every) > 43
    assert psnr(some, every) > psnr(none, every) + 5


def test_busy_pixels_are_edges_and_steps() -> None:
    objects = torch.full((1, 4, 6), -1)
    objects[0, 1:3, 1:3] = 0
    light = torch.full((3, 1, 4, 6), 0.2)
    light[:, 0, 0, 5] = 0.4
    found = busy(light, objects)[0]
    assert found[0].tolist() == [False, True, True, False, True, True]
    assert found[1].tolist() == [True, True, True, True, False, True]


def brightness(rgb: torch.Tensor, px: float, py: float) -> float:
    return float(rgb[int(py) - 1 : int(py) + 2, int(px) - 1 : int(px) + 2].float().mean())


def test_the_shadow_lies_behind_the_object_and_moves_with_the_lamp(scene_of) -> None:
    from visreason.clevr.camera import project

    cube = ("small gray rubber cube", 0.0, 0.0)
    left, right = {"key": (-4.5, -5.2, 4.0)}, {"key": (4.5, 5.2, 4.0)}
    here, there = (0.6, 0.7, 0.0), (-0.6, -0.7, 0.0)  # beyond the cube from each place of the key lamp
    rgb = render(
        [scene_of(cube, lamps=left), scene_of(cube, lamps=right), scene_of(lamps=left), scene_of(lamps=right)]
    ).rgb
    shaded = []
    for place in (here, there):
        px, py, _ = project([place], BASE_CAMERA)[0]
        shaded.append([brightness(rgb[k], px, py) / brightness(rgb[k + 2], px, py) for k in (0, 1)])
    assert shaded[0][0] < 0.94 < 0.97 < shaded[0][1]
    assert shaded[1][1] < 0.94 < 0.97 < shaded[1][0]


def test_stretching_is_resizing_the_whole_picture(still_life: Scene) -> None:
    whole = render([still_life], 480, 320).rgb.permute(0, 3, 1, 2).float()
    resized = torch.nn.functional.interpolate(whole, size=(128, 128), mode="area")
    squeezed = render([still_life], 128, 128).rgb.permute(0, 3, 1, 2).float()
    assert psnr(resized.numpy(), squeezed.numpy()) > 34
    cropped = render([still_life], 128, 128, fit="crop").rgb.permute(0, 3, 1, 2).float()
    middle = torch.nn.functional.interpolate(whole[..., 80:400], size=(128, 128), mode="area")
    assert psnr(middle.numpy(), cropped.numpy()) > 34


FLOORS = {0: 33.5, 1: 31.0, 3: 33.0, 20: 31.0}
"""Scene of the reference set and the least decibels to its real image (measured: 34.2, 31.9, 35.0, 32.4)."""


@pytest.mark.parametrize("place", FLOORS)
def test_real_images_come_back(shared, place: int) -> None:
    folder = shared / "data" / "clevr_real"
    scene = read_scenes(folder / "scenes" / "CLEVR_train_scenes.json")[place]
    real = load_image(folder / "images" / "train" / scene.image_filename)
    ours = render([scene]).rgb[0].numpy()
    assert psnr(real, ours) > FLOORS[place]
    assert np.abs(real.astype(int).mean((0, 1)) - ours.astype(int).mean((0, 1))).max() < 4
