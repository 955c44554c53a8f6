from dataclasses import replace

import numpy as np
import pytest

from visreason.clevr.lamps import AREA_LAMPS, BACK, FILL, KEY, LAMP_JITTER, SUN, AreaLamp, scene_lamps
from visreason.clevr.scene import Scene


@pytest.mark.parametrize(("lamp", "watts"), [(KEY, 78.5398), (FILL, 23.5619), (BACK, 39.2699)])
def test_radiance_follows_from_the_lamps_energy(lamp: AreaLamp, watts: float) -> None:
    assert lamp.radiance == pytest.approx(watts / (np.pi * lamp.size**2), rel=1e-5)


def test_the_sun_shines_from_a_unit_direction_above() -> None:
    assert np.linalg.norm(SUN.direction) == pytest.approx(1, abs=1e-5)
    assert SUN.direction[2] > 0


def test_lamps_stand_where_the_scene_says(made_scenes: list[Scene]) -> None:
    for scene in made_scenes:
        assert scene.lamps is not None
        for lamp, base in zip(scene_lamps(scene), AREA_LAMPS, strict=True):
            assert lamp.location == scene.lamps[lamp.name]
            assert replace(lamp, location=base.location) == base
            assert 0 < np.abs(np.subtract(lamp.location, base.location)).max() <= LAMP_JITTER


def test_unknown_lamps_stand_at_their_base(made_scenes: list[Scene]) -> None:
    assert scene_lamps(replace(made_scenes[0], lamps=None)) == AREA_LAMPS
    moved = scene_lamps(replace(made_scenes[0], lamps={"fill": (1.0, 2.0, 3.0)}))
    assert moved == (KEY, replace(FILL, location=(1.0, 2.0, 3.0)), BACK)
