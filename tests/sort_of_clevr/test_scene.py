from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.clevr.sampling import scene_rng
from visreason.errors import DataError
from visreason.sort_of_clevr.scene import (
    COLORS,
    REACH,
    SIDE,
    FlatScene,
    draw_flat_scene,
    flat_scene_from_json,
    flat_scene_to_json,
    sample_flat_scene,
)


def scene(seed: int = 0, index: int = 0) -> FlatScene:
    return sample_flat_scene(scene_rng(seed, "val", index), index, "val")


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_six_colours_within_the_image_and_apart(seed: int) -> None:
    things = scene(seed).things
    assert [thing.color for thing in things] == list(COLORS)
    for thing in things:
        assert REACH <= min(thing.x, thing.y) <= max(thing.x, thing.y) < SIDE - REACH
    for one, other in combinations(things, 2):
        # even two squares, whose corners reach farthest, do not touch
        assert max(abs(one.x - other.x), abs(one.y - other.y)) > 2 * REACH


@given(st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_a_thing_covers_its_own_pixels_and_no_others(seed: int) -> None:
    made = scene(seed)
    image = draw_flat_scene(made)
    assert image.shape == (SIDE, SIDE, 3)
    drawn = 0
    for thing in made.things:
        rows, columns = np.nonzero((image == COLORS[thing.color]).all(axis=2))
        drawn += len(rows)
        assert (rows.min(), rows.max()) == (thing.y - REACH, thing.y + REACH)
        assert (columns.min(), columns.max()) == (thing.x - REACH, thing.x + REACH)
        square = (2 * REACH + 1) ** 2
        assert len(rows) == square if thing.shape == "square" else 0.7 * square < len(rows) < 0.85 * square
    assert drawn == (image != 255).any(axis=2).sum()


def test_both_shapes_are_as_frequent_and_every_place_is_used() -> None:
    things = [thing for index in range(500) for thing in scene(index=index).things]
    squares = sum(thing.shape == "square" for thing in things)
    assert abs(squares / len(things) - 0.5) < 0.04
    assert min(thing.x for thing in things) == REACH
    assert max(thing.y for thing in things) == SIDE - REACH - 1


def test_seeds_splits_and_indices_make_other_scenes() -> None:
    assert scene() == scene()
    others = {sample_flat_scene(scene_rng(*key), 0, "val").things for key in ((0, "val", 0), (1, "val", 0))}
    others |= {
        sample_flat_scene(scene_rng(*key), 0, "val").things for key in ((0, "train", 0), (0, "val", 1))
    }
    assert len(others) == 4


def test_records_are_read_back() -> None:
    assert flat_scene_from_json(flat_scene_to_json(scene())) == scene()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"objects": []}, "one square or circle of each of the colours"),
        ({"objects": [{"color": "red"}]}, "no scene of Sort-of-CLEVR"),
        ({"objects": 3}, "no scene of Sort-of-CLEVR"),
        ({"split": None, "image_index": None}, "image_index"),
    ],
)
def test_what_is_no_scene_is_refused(change: dict[str, object], message: str) -> None:
    record = flat_scene_to_json(scene()) | change
    if "split" in change:
        del record["image_index"]
    with pytest.raises(DataError, match=message):
        flat_scene_from_json(record, "scenes.json: scene 3")


def test_another_shape_is_refused() -> None:
    record = flat_scene_to_json(scene())
    record["objects"][0]["shape"] = "cube"
    with pytest.raises(DataError, match=r"scene 3 should have one square or circle"):
        flat_scene_from_json(record, "scene 3")
