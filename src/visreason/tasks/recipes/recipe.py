"""A recipe: everything that decides a training run, as typed settings whose every error names the setting.

A recipe is written as YAML, one mapping a section (`visreason/zoo/recipes/`), and read by
`visreason.tasks.recipes.settings`. Sections that come in several kinds (`task`, `world`, `inputs`, `model`,
`schedule`) say which with their first key, and hold only the settings of that kind.
"""

from dataclasses import dataclass
from pathlib import Path

from visreason.tasks.recipes.checks import require
from visreason.tasks.recipes.kinds import READS, Inputs, ModelSettings, PixelInputs, RegionInputs
from visreason.tasks.recipes.layout_tasks import LayoutLearning, LocatingTask
from visreason.tasks.recipes.schedules import Schedule
from visreason.tasks.recipes.sections import (
    BatchSettings,
    CheckpointSettings,
    DataSettings,
    LoggingSettings,
    ModelInit,
    OptimiserSettings,
    TrainingSettings,
)
from visreason.tasks.recipes.task_kinds import LEARNS, AnsweringTask, Task
from visreason.tasks.recipes.worlds import ClevrWorld, RegionWorld, World

_ONLY_CLEVR = "clevr where inputs.kind is state or inputs.render is true"


@dataclass(frozen=True, slots=True)
class About:
    """What a recipe is for, as `visreason recipes` lists it.

    Attributes:
        name: what it is called; runs are named after it.
        summary: one line on what is trained.
        data: which data it is meant for.
        cost: how long it takes, and on what.
        published: the accuracy of such a network in the literature, or null.
        score: what visreason reached with it, or null.
    """

    name: str
    summary: str
    data: str
    cost: str
    published: str | None
    score: str | None

    def __post_init__(self) -> None:
        plain = Path(self.name).name == self.name != ""
        require(plain, "about.name", self.name, "a plain name, without slashes")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole training run, resolved: every setting has a value and was checked.

    Attributes:
        about: what it is for.
        task: what is learnt.
        data: what part of the data folder is read.
        world: the generated world in place of a data folder.
        inputs: what the model sees.
        model: the network.
        model_init: where weights come from.
        optimiser: how a gradient becomes a step.
        schedule: the learning rate over time.
        batch: samples a step.
        training: how long, on what.
        checkpoint: how often the state is kept.
        logging: what is written down.
    """

    about: About
    task: Task
    data: DataSettings
    world: World
    inputs: Inputs
    model: ModelSettings
    model_init: ModelInit
    optimiser: OptimiserSettings
    schedule: Schedule
    batch: BatchSettings
    training: TrainingSettings
    checkpoint: CheckpointSettings
    logging: LoggingSettings

    def __post_init__(self) -> None:
        family, kind, workers = self.model.family, self.inputs.kind, self.data.workers
        require(kind in READS[family], "inputs.kind", kind, f"{' or '.join(READS[family])} for {family}")
        task = self.task.name
        require(task in LEARNS[family], "task.name", task, f"{' or '.join(LEARNS[family])} for {family}")
        renders = isinstance(self.inputs, PixelInputs) and self.inputs.render
        require(not renders or workers == 0, "data.workers", workers, "0 where inputs.render is true")
        self._check_frozen()
        self._check_boxes()
        self._check_reconstruction()
        self._check_referents()
        self._check_regions()
        flat = not isinstance(self.world, ClevrWorld)
        require(not flat or (kind != "state" and not renders), "world.kind", self.world.kind, _ONLY_CLEVR)
        if isinstance(self.world, ClevrWorld):
            drawn = self.world.renderer
            require(
                not renders or drawn == "raycast",
                "world.renderer",
                drawn,
                "raycast where inputs.render is true",
            )

    def _check_frozen(self) -> None:
        """A frozen image network sees every image once, as it is."""
        if not self.model_init.conv_frozen:
            return
        inputs, expected = self.inputs, "{} where model_init.conv_frozen is true"
        require(isinstance(inputs, PixelInputs), "inputs.kind", inputs.kind, expected.format("pixels"))
        for setting in ("augment", "render", "photometric"):
            value = getattr(inputs, setting)
            require(not value, f"inputs.{setting}", value, expected.format("false" if value is True else "0"))

    def _check_boxes(self) -> None:
        """A network that points needs a location head, and images on which boxes stay where they are."""
        locates = isinstance(self.task, LocatingTask)
        head = self.model.settings.get("locate")
        if self.model.family == "stack-nmn":
            expected = "the location head's settings" if locates else "null"
            require((head is not None) == locates, "model.locate", head, f"{expected} for {self.task.name}")
        if locates:
            self._check_unmoved("where boxes are learnt")

    def _check_unmoved(self, where: str) -> None:
        """What is seen has to stay where the data says it is."""
        if isinstance(self.inputs, PixelInputs):
            for setting in ("augment", "jitter"):
                moves = getattr(self.inputs, setting)
                require(not moves, f"inputs.{setting}", moves, f"false {where}: it moves things")

    def _check_reconstruction(self) -> None:
        """What is to be learnt from telling texts again needs a part of the network that does, and the other way."""
        if isinstance(self.task, LayoutLearning):
            weight, tells = self.task.reconstruct_weight, self.model.settings.get("reconstruct")
            expected = "above 0 just where model.reconstruct is not null"
            require((weight > 0) == (tells is not None), "task.reconstruct_weight", weight, expected)

    def _check_referents(self) -> None:
        """What is to be learnt from a step's objects needs a part of the network that tells them."""
        if isinstance(self.task, AnsweringTask | LayoutLearning) and self.task.referent_weight > 0:
            settings = self.model.settings
            tells, expected = (
                (settings.get("attended_cells"), "0 where model.attended_cells is null")
                if "attended_cells" in settings
                else (settings.get("referents", False), "0 where model.referents is not true")
            )
            require(bool(tells), "task.referent_weight", self.task.referent_weight, expected)
            self._check_unmoved("where the places of objects are learnt")

    def _check_regions(self) -> None:
        """Regions are learnt in a world that has some, by a network that sees what the inputs show."""
        asked, world = isinstance(self.inputs, RegionInputs), isinstance(self.world, RegionWorld)
        expected = "regions just where inputs.kind is"
        require(asked == world, "world.kind", self.world.kind, expected)
        if isinstance(self.inputs, RegionInputs):
            trunk, frozen = self.model.settings["trunk"]["kind"], self.inputs.backbone is not None
            expected = "features just where inputs.backbone is not null"
            require((trunk == "features") == frozen, "model.trunk.kind", trunk, expected)
            cached = not frozen or self.data.workers == 0
            require(cached, "data.workers", self.data.workers, "0 where inputs.backbone is not null")
