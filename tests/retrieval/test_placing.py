from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.clevr.attributes import RADIUS, RELATIONS
from visreason.clevr.sampling import EXTENT, FLOOR_AXES, MIN_GAP, MIN_MARGIN, MIN_VISIBLE
from visreason.clevr.scene import Scene
from visreason.clevr.visibility import visible_pixels
from visreason.errors import UsageError
from visreason.retrieval.description import Description, Stand
from visreason.retrieval.placing import place_scene
from visreason.retrieval.scene_text import read_description


def assert_valid(scene: Scene) -> None:
    """A scene as CLEVR makes them."""
    points = np.array([thing.position[:2] for thing in scene.objects])
    assert (np.abs(points) <= EXTENT).all()
    for one, other in combinations(range(len(scene)), 2):
        offset = points[one] - points[other]
        reach = sum(RADIUS[scene.objects[place].size] for place in (one, other))
        assert np.hypot(*offset) - reach >= MIN_GAP - 1e-9
        assert (np.abs(FLOOR_AXES @ offset) >= MIN_MARGIN - 1e-9).all()
    assert visible_pixels(scene).min() >= MIN_VISIBLE


@settings(deadline=None, max_examples=25)
@given(data=st.data(), count=st.integers(1, 6), seed=st.integers(0, 99))
def test_things_stand_as_they_were_said_to(data: st.DataObject, count: int, seed: int) -> None:
    """Relations that are drawn in one order of the things for each direction never contradict each other."""
    sideways, depth = (data.draw(st.permutations(range(count))) for _ in range(2))
    stands = []
    for first, second in data.draw(
        st.lists(st.sampled_from([*permutations(range(count), 2)] or [(0, 0)]), max_size=6)
    ):
        if first == second:
            continue
        name = data.draw(st.sampled_from(RELATIONS))
        order = sideways if name in ("left", "right") else depth
        if (order.index(first) < order.index(second)) != (name in ("left", "front")):
            first, second = second, first
        stands.append(Stand(first, name, second, "so"))
    said = {"color": "red", "shape": "cube"}
    scene = place_scene(Description((said, *({} for _ in range(count - 1))), tuple(stands)), seed)
    assert len(scene) == count
    assert (scene.objects[0].color, scene.objects[0].shape) == ("red", "cube")
    assert all(stand.first in scene.relationships[stand.relation][stand.second] for stand in stands)
    assert_valid(scene)


def test_ten_things_in_a_row() -> None:
    colors = ("red", "blue", "green", "gray", "cyan", "brown", "purple", "yellow")
    text = " left of ".join([*(f"{color} thing" for color in colors), "red cube", "blue cube"])
    scene = place_scene(read_description(text))
    assert [len(row) for row in scene.relationships["left"]] == list(range(10))
    assert_valid(scene)


def test_the_seed_decides_what_was_not_said() -> None:
    described = read_description("red cube left of thing")
    assert place_scene(described, 3) == place_scene(described, 3)
    assert place_scene(described, 3) != place_scene(described, 4)
    assert place_scene(described, 3).objects != place_scene(described, 3, index=1).objects
    others = {place_scene(described, seed).objects[1].color for seed in range(20)}
    assert len(others) > 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cube left of sphere; sphere left of cube", "'cube left of sphere' and 'sphere left of cube'"),
        ("cube left of sphere; cube right of sphere", "'cube left of sphere' and 'cube right of sphere'"),
        (
            "red thing behind cube; cube behind sphere; cylinder left of cube; red thing in front of sphere",
            "'red thing behind cube' and 'cube behind sphere' and 'red thing in front of sphere'",
        ),
    ],
)
def test_contradictions_are_told_with_the_statements_that_make_them(text: str, told: str) -> None:
    with pytest.raises(UsageError, match="this cannot be") as caught:
        place_scene(read_description(text))
    assert told in str(caught.value)


def test_the_two_directions_do_not_contradict_each_other() -> None:
    scene = place_scene(read_description("cube left of sphere; sphere behind cube; cube in front of sphere"))
    assert scene.relationships["left"][1] == (0,)


def test_too_much_for_the_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visreason.retrieval.placing._MAX_LAYOUTS", 5)
    crowd = Description(({"size": "large"},) * 30, ())
    with pytest.raises(UsageError, match="found no scene of these 30 things in 5 layouts"):
        place_scene(crowd)
