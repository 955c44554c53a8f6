"""How often things of two values stand to each other."""

from pathlib import Path

import numpy as np
import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import read_scenes
from visreason.data.relation_targets import RELATION_TARGETS, read_relation_targets, relation_counts
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError


def words(thing: object) -> set[str]:
    return {getattr(thing, name) for name in ("color", "shape", "size", "material")}


@pytest.mark.parametrize("number", range(5))
def test_counts_are_those_of_counting_by_hand(number: int) -> None:
    scene = sample_scene(scene_rng(3, "val", number), number, "val")
    counts = dict(zip(RELATION_TARGETS, relation_counts(scene).tolist(), strict=True))
    assert len(counts) == 465
    for name, count in counts.items():
        first, *rest = name.split()
        if not rest:
            assert count == sum(first in words(thing) for thing in scene.objects)
            continue
        relation, second = rest
        assert count == sum(
            first in words(scene.objects[i]) and second in words(thing)
            for j, thing in enumerate(scene.objects)
            for i in scene.relationships[relation][j]
        )


def test_an_empty_scene_counts_nothing() -> None:
    empty = Scene((), {"right": (), "front": ()}, {}, 0, "CLEVR_val_000000.png", "val")
    assert np.array_equal(relation_counts(empty), np.zeros(465))


def test_targets_of_a_split(tmp_path: Path) -> None:
    folder = generate_world(tmp_path, WorldSplit("val", 4, images=False), jobs=1).folder
    found = read_relation_targets(folder, "val")
    scenes = read_scenes(folder.scenes_file("val"))
    assert found.names == RELATION_TARGETS
    assert found.images == tuple(scene.image_filename for scene in scenes)
    assert found.image_index.tolist() == [0, 1, 2, 3]
    assert np.array_equal(found.present, [relation_counts(scene) for scene in scenes])
    with pytest.raises(DataError, match=r"CLEVR_train_scenes.json"):
        read_relation_targets(ClevrFolder(tmp_path), "train")
