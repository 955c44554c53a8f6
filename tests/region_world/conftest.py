from collections.abc import Callable

import pytest

from visreason.clevr.sampling import scene_rng
from visreason.region_world.scene import RegionDesign, RegionScene, sample_region_scene

Scenes = Callable[..., list[RegionScene]]


@pytest.fixture(scope="session")
def scenes() -> Scenes:
    """Some scenes of a design."""

    def sample(
        count: int, design: RegionDesign | None = None, split: str = "val", seed: int = 0
    ) -> list[RegionScene]:
        chosen = design or RegionDesign()
        return [
            sample_region_scene(scene_rng(seed, split, index), chosen, index, split) for index in range(count)
        ]

    return sample
