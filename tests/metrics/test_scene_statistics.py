import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import iter_scenes
from visreason.metrics.scene_statistics import BIN, SceneStatistics


def scenes(count: int = 20) -> list[Scene]:
    return [sample_scene(scene_rng(3, "val", i), i, "val") for i in range(count)]


def test_everything_is_counted() -> None:
    made = scenes()
    found = SceneStatistics.of(made)
    things = [thing for scene in made for thing in scene.objects]
    assert (found.count, found.objects.total) == (20, 20)
    assert found.objects.counts[str(len(made[0]))] == sum(len(scene) == len(made[0]) for scene in made)
    assert found.attributes["color"].counts["red"] == sum(thing.color == "red" for thing in things)
    assert found.attributes["size"].total == found.seen_hw.sum() == len(things)
    assert found.pairs == sum(len(scene) * (len(scene) - 1) for scene in made)
    assert all(2 * related == found.pairs for related in found.related.values())
    px, py, _ = things[0].pixel
    assert found.seen_hw[int(py // BIN), int(px // BIN)] >= 1
    assert found.ranges["x"] == (min(t.pixel[0] for t in things), max(t.pixel[0] for t in things))
    assert found.ranges["depth"][1] == max(t.pixel[2] for t in things)
    assert found.ranges["extent"][1] == max(max(map(abs, t.position[:2])) for t in things)


def test_gap_and_margin_are_those_of_the_nearest_pair() -> None:
    one, other, *_ = scenes(1)[0].objects
    one = replace(one, position=(0.0, 0.0, 0.7), size="large")
    other = replace(other, position=(3.0, 0.0, 0.35), size="small")
    found = SceneStatistics.of([replace(scenes(1)[0], objects=(one, other))])
    assert found.ranges["gap"] == pytest.approx((1.95, 1.95))
    assert found.ranges["margin"] == pytest.approx((3 * 0.6563112735748291,) * 2)


def test_objects_seen_beyond_the_image_are_left_out_of_the_map_only() -> None:
    scene = scenes(1)[0]
    outside = replace(scene.objects[0], pixel=(-5, 400, 9.0))
    found = SceneStatistics.of([replace(scene, objects=(outside, *scene.objects[1:]))])
    assert found.seen_hw.sum() == len(scene) - 1
    assert found.ranges["x"][0] == -5


def test_scenes_of_one_object_or_none() -> None:
    scene = scenes(1)[0]
    rows = dict.fromkeys(("left", "right", "front", "behind"), ((),))
    found = SceneStatistics.of(
        [
            replace(scene, objects=scene.objects[:1], relationships=rows),
            replace(scene, objects=(), relationships=dict.fromkeys(rows, ())),
        ]
    )
    assert (found.count, found.pairs) == (2, 0)
    assert "gap" not in found.ranges
    json.dumps(found.to_dict())


def test_real_scenes(shared: Path) -> None:
    path = shared / "data" / "clevr_real" / "scenes" / "CLEVR_train_scenes.json"
    found = SceneStatistics.of(iter_scenes(path))
    document = json.loads(json.dumps(found.to_dict()))
    assert document["count"] == 60
    assert document["ranges"]["gap"][0] >= 0.25
    assert np.array(document["seen"]["counts"]).shape == (32, 48)
