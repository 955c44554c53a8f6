from collections import Counter
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.errors import UsageError
from visreason.region_world import scene as module
from visreason.region_world.classes import SLOTS, Side
from visreason.region_world.scene import GRID, RegionDesign, RegionScene, sample_region_scene

SHARES = st.floats(0, 1)
DESIGNS = st.builds(RegionDesign, SHARES, st.floats(0, 0.5), SHARES)
STEPS = {"left": (0, 1), "right": (0, -1), "above": (1, 0), "below": (-1, 0)}

Scenes = Callable[..., list[RegionScene]]


@settings(max_examples=60, deadline=None)
@given(DESIGNS, st.integers(0, 2**32))
def test_every_scene_keeps_the_rules(design: RegionDesign, seed: int) -> None:
    scene = sample_region_scene(np.random.default_rng(seed), design, 3, "val")
    solid = [region for region in scene.regions if region.name != "rail"]
    sites = {(region.row, region.column): region for region in solid}
    assert len(sites) == len(solid)  # one thing a site
    assert all(0 <= row < GRID and 0 <= column < GRID for row, column in sites)
    kinds = Counter(region.of.kind for region in solid)
    assert kinds["body"] == 2
    assert 1 <= kinds["fitting"] <= 3
    assert kinds["bough"] == 1
    assert 1 <= kinds["leaf"] + kinds["seed"] <= 2
    assert kinds["tree"] <= 3
    for region in solid:
        row, column = region.row, region.column
        if region.of.side is not None:
            down, right = STEPS[region.of.side]
            assert sites[row + down, column + right].name == region.of.body
            touched = [sites.get((row + a, column + b)) for a, b in STEPS.values()]
            assert sum(one is not None and one.of.kind == "body" for one in touched) == 1
    for one, other in combinations(solid, 2):
        if one.of.grove is not None and one.of.grove == other.of.grove:
            assert one.of.tree == other.of.tree
            assert max(abs(one.row - other.row), abs(one.column - other.column)) >= 2


def test_a_rail_hides_what_is_occluded(scenes: Scenes) -> None:
    for scene in scenes(60):
        for place, region in enumerate(scene.regions):
            if region.view == "occluded":
                assert scene.regions[place + 1].name == "rail"
            if region.name == "rail":
                assert scene.regions[place - 1].view == "occluded"
            assert region.view == "sharp" or region.of.kind in ("leaf", "seed", "bough", "fitting")


def test_the_same_random_numbers_give_the_same_scene(scenes: Scenes) -> None:
    assert scenes(5) == scenes(5)
    assert scenes(3) == scenes(5)[:3]
    assert scenes(3)[0].regions != scenes(3, split="train")[0].regions != scenes(3, seed=1)[0].regions


def test_all_that_may_stand_beside_the_bodies_finds_a_place() -> None:
    boughs: tuple[tuple[str, Side], ...] = (("post", "left"), ("post", "right"))
    for fittings in (1, 2, 3):
        for slots in combinations(SLOTS, fittings):
            for count in (0, 1, 2):
                for sides in combinations(boughs, count):
                    assert module._body_places(tuple(sorted(slots + sides)))


def test_trees_are_as_rare_as_asked(scenes: Scenes) -> None:
    drawn = [region.of for scene in scenes(600, RegionDesign(rare=0.3)) for region in scene.regions]
    trees = [one for one in drawn if one.kind == "tree"]
    assert sum(one.rare for one in trees) / len(trees) == pytest.approx(0.3, abs=0.04)
    assert {one.tree for one in trees} == {0, 1, 2, 3}


def test_shares_decide_what_is_seen(scenes: Scenes) -> None:
    for clear, views in ((1.0, {"sharp"}), (0.0, {"blurred", "tiny", "occluded"})):
        regions = [region for scene in scenes(20, RegionDesign(clear=clear)) for region in scene.regions]
        assert {region.view for region in regions if region.of.kind == "leaf"} == views
    gone = [region.of.kind for scene in scenes(20, RegionDesign(hidden=1)) for region in scene.regions]
    assert "tree" not in gone


@pytest.mark.parametrize(("name", "value"), [("clear", 1.1), ("clear", -0.1), ("rare", 0.6), ("hidden", 2)])
def test_shares_out_of_range(name: str, value: float) -> None:
    with pytest.raises(UsageError, match=f"the share {name} must be 0 to"):
        RegionDesign(**{name: value})
