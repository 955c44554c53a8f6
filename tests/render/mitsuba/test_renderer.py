from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from visreason.benchmarks.fidelity import psnr
from visreason.clevr.packed import pack_scene
from visreason.clevr.scene import Scene
from visreason.errors import UsageError
from visreason.render import Renderer
from visreason.render.mitsuba import MitsubaRenderer
from visreason.render.mitsuba.renderer import film_size

pytest.importorskip("mitsuba")
pytest.importorskip("pyoidn")


def draw(scene: Scene, width: int = 96, height: int = 64, samples: int = 8) -> Tensor:
    """One image, without LLVM."""
    renderer = MitsubaRenderer(width, height, variant="scalar_rgb", samples=samples)
    return renderer.render([scene])[0]


def test_it_shows_what_the_ray_caster_shows(still_life: Scene) -> None:
    image, cast = draw(still_life), Renderer(96, 64).render([still_life])
    assert (image.dtype, image.shape) == (torch.uint8, cast.rgb[0].shape)
    assert psnr(image, cast.rgb[0]) > 27
    for index, thing in enumerate(still_life.objects):
        inside = cast.mask[0] == index
        ours, theirs = (picture[inside].float().mean(0) for picture in (image, cast.rgb[0]))
        assert (ours - theirs).abs().max() < 14, thing
    floor = cast.mask[0] < 0
    assert abs(image[floor].float().mean() - cast.rgb[0][floor].float().mean()) < 3


def test_a_scene_gives_the_same_bytes_alone_and_among_others(
    still_life: Scene, scene_of: Callable[..., Scene]
) -> None:
    other = scene_of(("small blue rubber sphere", 1.0, 0.0))
    renderer = MitsubaRenderer(48, 32, variant="scalar_rgb", samples=4)
    both = renderer.render([other, still_life])
    assert torch.equal(both[1], renderer.render([still_life])[0])
    assert torch.equal(both[1], renderer.render([pack_scene(still_life)])[0])
    assert not torch.equal(both[0], both[1])


def test_a_square_image_is_the_wide_one_squeezed(still_life: Scene) -> None:
    wide = draw(still_life, 96, 64, samples=16)
    square = draw(still_life, 64, 64, samples=16)
    squeezed = torch.nn.functional.interpolate(wide.permute(2, 0, 1)[None].float(), (64, 64), mode="area")[
        0
    ].permute(1, 2, 0)
    assert psnr(square, squeezed) > 30


@pytest.mark.parametrize("size", [(480, 320), (128, 128), (64, 96), (97, 33), (1, 1)])
def test_the_film_is_three_by_two_and_large_enough(size: tuple[int, int]) -> None:
    width, height = film_size(*size)
    assert 2 * width == 3 * height
    assert width >= size[0]
    assert height >= size[1]
    smaller = width - 3, height - 2
    assert smaller[0] < size[0] or smaller[1] < size[1]


@pytest.mark.slow
def test_llvm_draws_the_same_picture(still_life: Scene) -> None:
    renderer = MitsubaRenderer(96, 64, samples=16)
    if renderer.variant == "scalar_rgb":
        pytest.skip("no LLVM here that Mitsuba can use (Debian: apt-get install libllvm19)")
    assert psnr(renderer.render([still_life])[0], draw(still_life, samples=16)) > 32
    first = renderer.render([still_life])
    for _ in range(
        20
    ):  # of ten pictures one was another when Mitsuba put its shapes into an order of its own
        assert torch.equal(renderer.render([still_life]), first)


def test_no_scenes_make_no_images() -> None:
    assert MitsubaRenderer(24, 16, variant="scalar_rgb").render([]).shape == (0, 16, 24, 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"width": 0}, "0x320 pixels"),
        ({"samples": 0}, "at least 1 sample; got 0"),
        ({"variant": "cuda_ad_rgb"}, "'cuda_ad_rgb'"),
    ],
)
def test_settings_out_of_range_are_named(settings: dict[str, int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        MitsubaRenderer(**settings)  # type: ignore[arg-type]
