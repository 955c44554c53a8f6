from types import ModuleType
from typing import Any

import pytest

from visreason.clevr.lamps import FILL, KEY, SUN
from visreason.render.mitsuba.materials import SUN_DISTANCE, area_lamp, floor_material, metal, rubber, sun
from visreason.render.sweep import REFLECTANCE


def reflectance(mitsuba: ModuleType, material: dict[str, Any], steps: int = 4000) -> list[float]:
    """How much of the light that comes straight down a surface sends back, per channel."""
    bsdf = mitsuba.load_dict(material)
    point = mitsuba.SurfaceInteraction3f()
    point.wi = [0.0, 0.0, 1.0]
    point.sh_frame = mitsuba.Frame3f([0.0, 0.0, 1.0])
    sampler = mitsuba.load_dict({"type": "independent", "sample_count": 1})
    sampler.seed(0)
    total = [0.0, 0.0, 0.0]
    for _ in range(steps):
        _, weight = bsdf.sample(mitsuba.BSDFContext(), point, sampler.next_1d(), sampler.next_2d())
        total = [sum_ + float(value) for sum_, value in zip(total, weight, strict=True)]
    return [sum_ / steps for sum_ in total]


def test_the_floor_reflects_what_it_should(mitsuba: ModuleType) -> None:
    assert reflectance(mitsuba, floor_material(), 10) == pytest.approx([REFLECTANCE] * 3)


def test_metal_reflects_its_colour(mitsuba: ModuleType) -> None:
    assert reflectance(mitsuba, metal((0.9, 0.5, 0.1))) == pytest.approx([0.9, 0.5, 0.1], rel=0.03)


def test_rubber_reflects_nearly_its_colour_and_a_little_white(mitsuba: ModuleType) -> None:
    red, green, blue = reflectance(mitsuba, rubber((0.8, 0.4, 0.0)))
    assert red == pytest.approx(0.8, abs=0.04)
    assert green == pytest.approx(0.4, abs=0.03)
    assert 0.002 < blue < 0.03, "the coat"


def test_lamps_shine_at_the_origin_with_their_own_light(mitsuba: ModuleType) -> None:
    for lamp in (KEY, FILL):
        shape = mitsuba.load_dict(area_lamp(mitsuba, lamp))
        box = shape.bbox()
        assert list(box.center()) == pytest.approx(list(lamp.location), abs=1e-4)
        assert shape.surface_area() == pytest.approx(lamp.size**2, rel=1e-4)
        values = mitsuba.traverse(shape)
        light = next(values[key] for key in values.keys() if "radiance" in key)  # noqa: SIM118
        assert list(light) == pytest.approx([lamp.radiance * value for value in lamp.color], rel=1e-4)


def test_the_sun_is_as_bright_on_the_floor_as_it_should_be(mitsuba: ModuleType) -> None:
    shape = mitsuba.load_dict(sun(mitsuba))
    values = mitsuba.traverse(shape)
    radiance = next(values[key] for key in values.keys() if "radiance" in key)[0]  # noqa: SIM118
    assert radiance * shape.surface_area() / SUN_DISTANCE**2 == pytest.approx(SUN.irradiance, rel=1e-3)
