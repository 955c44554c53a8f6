"""The generated worlds that a recipe can train on when no --data is given."""

from dataclasses import dataclass
from typing import ClassVar

from visreason.clevr.rules import Rules
from visreason.data.sort_of_clevr import MOST_QUESTIONS
from visreason.data.world_split import RendererName
from visreason.errors import UsageError
from visreason.region_world.scene import RegionDesign
from visreason.tasks.recipes.checks import require


@dataclass(frozen=True, slots=True)
class ClevrWorld:
    """A world of CLEVR's: solid shapes on a floor, and 90 families of questions.

    Attributes:
        scenes: scenes to train on.
        validation_scenes: further, unseen scenes to measure on.
        questions_per_scene: questions asked about each scene.
        only: split rules, as `visreason generate --only` takes them: "objects=3-5", "families=0-8,39",
            "cogent=A"; without any, scenes and questions are as in CLEVR.
        image_size: width and height of the rendered images.
        seed: of the world; the same seed gives the same bytes on any machine.
        refexps_per_scene: expressions that refer to an object of each scene, for tasks that locate; 0 makes none.
        renderer: what draws the images that are stored: "raycast", or "mitsuba" for photoreal ones (extra `mitsuba`).
    """

    kind: ClassVar[str] = "clevr"
    scenes: int
    validation_scenes: int
    questions_per_scene: int
    only: tuple[str, ...]
    image_size: tuple[int, int]
    seed: int
    refexps_per_scene: int = 0  # older runs do not name it
    renderer: RendererName = "raycast"  # older runs do not name it

    def __post_init__(self) -> None:
        require(self.scenes > 0, "world.scenes", self.scenes, "at least 1")
        require(self.validation_scenes > 0, "world.validation_scenes", self.validation_scenes, "at least 1")
        require(
            self.questions_per_scene > 0, "world.questions_per_scene", self.questions_per_scene, "at least 1"
        )
        referring = self.refexps_per_scene
        require(referring >= 0, "world.refexps_per_scene", referring, "0 or more")
        try:
            self.rules()
        except UsageError as error:
            raise UsageError(f"world.only: {error}") from None
        require(min(self.image_size) >= 16, "world.image_size", self.image_size, "at least 16 on both sides")
        require(self.seed >= 0, "world.seed", self.seed, "0 or more")

    def rules(self) -> Rules:
        """What scenes and questions are restricted to."""
        return Rules.parse(self.only)


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


@dataclass(frozen=True, slots=True)
class RegionWorld:
    """Images with boxes that only context can name, and the graph of their classes (`visreason generate-regions`).

    Attributes:
        images: images to train on, of about ten regions each.
        validation_images: further, unseen images to measure on.
        image_size: height and width of each.
        clear: the share of sharp views, in which a mark tells whose part a region is.
        rare: the share of rare trees, whose ties are seldom met in training.
        hidden: the share of groves whose tree is missing.
        seed: of the world; the same seed gives the same bytes on any machine.
    """

    kind: ClassVar[str] = "regions"
    images: int
    validation_images: int
    image_size: int
    clear: float
    rare: float
    hidden: float
    seed: int

    def __post_init__(self) -> None:
        require(self.images > 0, "world.images", self.images, "at least 1")
        require(self.validation_images > 0, "world.validation_images", self.validation_images, "at least 1")
        require(64 <= self.image_size <= 1024, "world.image_size", self.image_size, "64 to 1024")
        require(self.seed >= 0, "world.seed", self.seed, "0 or more")
        try:
            self.design()
        except UsageError as error:
            raise UsageError(f"world: {error}") from None

    def design(self) -> RegionDesign:
        """How much can be told from what."""
        return RegionDesign(clear=self.clear, rare=self.rare, hidden=self.hidden)


World = ClevrWorld | SortOfClevrWorld | RegionWorld
