"""The generated worlds that a recipe can train on when no --data is given."""

from dataclasses import dataclass
from typing import ClassVar

from visreason.data.sort_of_clevr import MOST_QUESTIONS
from visreason.tasks.recipes.checks import require


@dataclass(frozen=True, slots=True)
class ClevrWorld:
    """A world of CLEVR's: solid shapes on a floor, and 90 families of questions.

    Attributes:
        scenes: scenes to train on.
        validation_scenes: further, unseen scenes to measure on.
        questions_per_scene: questions asked about each scene.
        min_objects: fewest objects in a scene.
        max_objects: most objects in a scene.
        families: only these question families, as ranges ("0-8,39"); null asks all 90.
        image_size: width and height of the rendered images.
        seed: of the world; the same seed gives the same bytes on any machine.
    """

    kind: ClassVar[str] = "clevr"
    scenes: int
    validation_scenes: int
    questions_per_scene: int
    min_objects: int
    max_objects: int
    families: str | None
    image_size: tuple[int, int]
    seed: int

    def __post_init__(self) -> None:
        require(self.scenes > 0, "world.scenes", self.scenes, "at least 1")
        require(self.validation_scenes > 0, "world.validation_scenes", self.validation_scenes, "at least 1")
        require(
            self.questions_per_scene > 0, "world.questions_per_scene", self.questions_per_scene, "at least 1"
        )
        require(self.min_objects > 0, "world.min_objects", self.min_objects, "at least 1")
        require(
            self.max_objects >= self.min_objects,
            "world.max_objects",
            self.max_objects,
            "at least world.min_objects",
        )
        require(min(self.image_size) >= 16, "world.image_size", self.image_size, "at least 16 on both sides")
        require(self.seed >= 0, "world.seed", self.seed, "0 or more")


@dataclass(frozen=True, slots=True)
class SortOfClevrWorld:
    """Sort-of-CLEVR: six flat shapes of six colours, images of 75x75 pixels.

    Attributes:
        scenes: scenes to train on; the public data has 9,800.
        validation_scenes: further, unseen scenes to measure on; the public data has 200.
        questions_per_scene: relational questions asked about each scene, and as many non-relational ones.
        seed: of the world; the same seed gives the same bytes on any machine.
    """

    kind: ClassVar[str] = "sort-of-clevr"
    scenes: int
    validation_scenes: int
    questions_per_scene: int
    seed: int

    def __post_init__(self) -> None:
        require(self.scenes > 0, "world.scenes", self.scenes, "at least 1")
        require(self.validation_scenes > 0, "world.validation_scenes", self.validation_scenes, "at least 1")
        asked = self.questions_per_scene
        require(0 < asked <= MOST_QUESTIONS, "world.questions_per_scene", asked, f"1 to {MOST_QUESTIONS}")
        require(self.seed >= 0, "world.seed", self.seed, "0 or more")


World = ClevrWorld | SortOfClevrWorld
