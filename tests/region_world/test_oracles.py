from collections.abc import Callable

import numpy as np
import pytest

from visreason.region_world.classes import CLASSES, NUMBERS
from visreason.region_world.oracles import OBSERVERS, Observer, Seen, posterior, seen
from visreason.region_world.scene import RegionDesign, RegionScene

DESIGN = RegionDesign()

Scenes = Callable[..., list[RegionScene]]


def likely(image: list[Seen], region: int, observer: Observer) -> dict[str, float]:
    found = posterior(image, region, DESIGN, observer)
    return {CLASSES[place].name: round(float(found[place]), 3) for place in np.flatnonzero(found)}


def test_an_unclear_leaf_is_told_by_its_tree_or_by_a_marked_part() -> None:
    leaf, bough_of_ash = (
        Seen("leaf 0", None, 0, 0),
        Seen("bough 0", CLASSES[NUMBERS["left ash bough"]].mark, 3, 0),
    )
    prior = {"oak leaf": 0.4, "elm leaf": 0.4, "ash leaf": 0.1, "lime leaf": 0.1}
    for other in (Seen("ash", None, 3, 3), bough_of_ash):
        for observer in ("appearance", "local"):
            assert likely([leaf, other], 0, observer) == prior
        for observer in ("graph", "both"):
            assert likely([leaf, other], 0, observer) == {"ash leaf": 1.0}
    for other in (Seen("yew", None, 3, 3), Seen("seed 0", None, 3, 3), Seen("seed 1", 2, 3, 3)):
        assert likely([leaf, other], 0, "both") == prior


def test_a_mark_tells_the_tree_to_everybody() -> None:
    mark = CLASSES[NUMBERS["yew seed"]].mark
    for observer in OBSERVERS:
        assert likely([Seen("seed 1", mark, 0, 0)], 0, observer) == {"yew seed": 1.0}


def test_sides_are_told_by_neighbours_only() -> None:
    image = [
        Seen("fitting", None, 1, 0),
        Seen("mill", None, 1, 1),
        Seen("post", None, 3, 3),
        Seen("ash", None, 0, 3),
    ]
    for observer in ("appearance", "graph"):
        assert set(likely(image, 0, observer).values()) == {0.167}
    for observer in ("local", "both"):
        assert likely(image, 0, observer) == {"left mill sail": 1.0}


def test_a_bough_needs_both() -> None:
    image = [Seen("bough 0", None, 3, 2), Seen("post", None, 3, 3), Seen("ash", None, 0, 3)]
    assert len(likely(image, 0, "appearance")) == 8
    assert likely(image, 0, "local") == {
        "left oak bough": 0.4,
        "left elm bough": 0.4,
        "left ash bough": 0.1,
        "left lime bough": 0.1,
    }
    assert likely(image, 0, "graph") == {"left ash bough": 0.5, "right ash bough": 0.5}
    assert likely(image, 0, "both") == {"left ash bough": 1.0}


def test_the_truth_is_always_possible_and_beliefs_are_probabilities(scenes: Scenes) -> None:
    sums: dict[str, float] = dict.fromkeys(OBSERVERS, 0.0)
    for scene in scenes(40):
        image = seen(scene)
        for place, region in enumerate(scene.regions):
            for observer in OBSERVERS:
                found = posterior(image, place, DESIGN, observer)
                assert found.sum() == pytest.approx(1)
                assert found[NUMBERS[region.name]] > 0
                sums[observer] += float(np.log(found[NUMBERS[region.name]]))
    assert sums["appearance"] < sums["graph"] < sums["local"] < sums["both"]
