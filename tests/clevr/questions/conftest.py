"""Scenes and questions that the tests of this folder share."""

import random
from collections.abc import Callable

import pytest

from visreason.clevr.attributes import ATTRIBUTES, RADIUS
from visreason.clevr.question import Question
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.relations import DIRECTIONS, relationships
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene, SceneObject

WORDS = """
? ; a an and another any anything are as ball balls behind big block blocks blue both brown color cube
cubes cyan cylinder cylinders do does either else equal fewer front gray greater green has have how in is
it its large left less made many material matte metal metallic more number object objects of on or other
purple red right rubber same shape shiny side size small sphere spheres than that the there thing things
tiny to visible what yellow
"""

RandomScene = Callable[[int, int], Scene]


@pytest.fixture(scope="session")
def random_scene() -> RandomScene:
    """A builder (seed, number of objects) of scenes with no regard to CLEVR's distances and counts."""

    def build(seed: int, count: int) -> Scene:
        rng = random.Random(seed)
        objects = []
        for _ in range(count):
            words = {name: rng.choice(values) for name, values in ATTRIBUTES.items()}
            place = (rng.uniform(-3, 3), rng.uniform(-3, 3), RADIUS[words["size"]])
            objects.append(SceneObject(**words, position=place, rotation=0.0, pixel=(0.0, 0.0, 10.0)))
        stands = relationships([thing.position for thing in objects])
        return Scene(tuple(objects), stands, DIRECTIONS, seed, f"scene_{seed}.png", "test")

    return build


@pytest.fixture(scope="session")
def some_scenes() -> list[Scene]:
    """20 scenes as CLEVR has them."""
    return [sample_scene(scene_rng(6, "val", i), i, "val") for i in range(20)]


@pytest.fixture(scope="session")
def scenes() -> list[Scene]:
    """500 scenes as CLEVR has them: two windows."""
    return [sample_scene(scene_rng(5, "val", i), i, "val") for i in range(500)]


@pytest.fixture(scope="session")
def questions(scenes: list[Scene]) -> list[Question]:
    """5,000 questions about them, ten a scene."""
    return list(QuestionEngine(seed=5).generate(scenes))


@pytest.fixture(scope="session")
def clevr_words() -> set[str]:
    """The 82 words and marks of CLEVR's questions."""
    return set(WORDS.split())
