from dataclasses import replace

import numpy as np

from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.retrieval.baselines import baselines

SCENES = [sample_scene(scene_rng(4, "val", i), i, "val") for i in range(6)]


def test_what_each_knows() -> None:
    recoloured = replace(SCENES[0].objects[0], color="red" if SCENES[0].objects[0].color != "red" else "blue")
    changed = replace(SCENES[0], objects=(recoloured, *SCENES[0].objects[1:]))
    turned = replace(SCENES[0], objects=SCENES[0].objects[::-1])
    found = baselines(SCENES[:2], [changed, turned, *SCENES[1:]])
    sizes = np.array([len(one) for one in (changed, turned, *SCENES[1:])])
    assert found["attribute_histogram"][0, 0] == np.sqrt(2)  # one colour fewer, another more
    assert found["attribute_histogram"][0, 1] == 0
    assert found["attribute_histogram"][1, 2] == 0
    assert (found["fewest_objects"] == sizes).all()
    assert (found["number_of_objects"][1] == np.abs(sizes - len(SCENES[1]))).all()


def test_chance_comes_from_the_seed() -> None:
    first, again, other = (baselines(SCENES[:2], SCENES, seed)["random"] for seed in (0, 0, 1))
    assert first.shape == (2, 6)
    assert (first == again).all()
    assert (first != other).all()
