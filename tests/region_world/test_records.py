from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from visreason.region_world.classes import CLASSES
from visreason.region_world.drawing import draw_region_scene
from visreason.region_world.records import (
    annotation_records,
    categories,
    image_record,
    run_lengths,
)
from visreason.region_world.scene import NEEDS, VIEWS, RegionScene

Scenes = Callable[..., list[RegionScene]]


@given(arrays(bool, st.tuples(st.integers(1, 7), st.integers(1, 7))))
def test_run_lengths_say_where_the_mask_is(mask_HW: np.ndarray) -> None:
    lengths = run_lengths(mask_HW)
    flat = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    np.testing.assert_array_equal(flat.reshape(mask_HW.shape, order="F"), mask_HW)
    assert all(length > 0 for length in lengths[1:])


def test_annotations_are_those_of_what_is_drawn(scenes: Scenes) -> None:
    names = {record["id"]: record["name"] for record in categories()}
    assert list(names.values()) == [one.name for one in CLASSES]
    for scene in scenes(5):
        drawn = draw_region_scene(scene, 96)
        records = annotation_records(scene, drawn)
        assert image_record(scene, 96)["id"] == scene.index
        assert [names[record["category_id"]] for record in records] == [
            region.name for region in scene.regions
        ]
        for place, record in enumerate(records):
            assert record["area"] == drawn.masks[place].sum() == sum(record["segmentation"]["counts"][1::2])
            assert record["bbox"] == list(drawn.box(place))
            assert record["attributes"][0] in NEEDS
            assert record["attributes"][1] in VIEWS
            of_a_tree = CLASSES[record["category_id"] - 1].tree is not None
            assert (record["attributes"][2:] != []) == of_a_tree
