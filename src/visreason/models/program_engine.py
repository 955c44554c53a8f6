"""What executes programs on images: everything that module networks and module memories share.

Johnson et al., "Inferring and Executing Programs for Visual Reasoning" (2017): a stem over the image, a module for
every function, wired as the program says, and a classifier over the last module's map.

Shape legend: B questions, I images, P steps of the longest program, D channels, h x w cells, A answers.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from visreason.errors import ModelError
from visreason.models.config import require
from visreason.models.engine_trace import explain, heat
from visreason.models.output import Output
from visreason.nn.batch import Batch
from visreason.nn.execution import Schedule, execute, plan
from visreason.nn.functions import FIRST_FUNCTION, Functions
from visreason.nn.grid_layers import Pooling, grid_classifier, stem
from visreason.nn.image_encoder import ImageEncoder, ImageEncoderConfig
from visreason.nn.program_tree import Grammar, Tree
from visreason.nn.referents import RARE, referent_sum
from visreason.trace.schema import Table, table

Apply = Callable[[int, tuple[Tensor, ...]], Tensor]
"""A function's number and its inputs, each `[n, D, h, w]`, to its maps `[n, D, h, w]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramEngineConfig:
    """What every engine is told; the defaults are those of Johnson et al. (2017).

    Attributes:
        image: how the network sees.
        functions: the names of the language's functions.
        arities: how many inputs each reads.
        answer_count: A.
        dim: D.
        stem_layers: 3x3 convolutions between image encoder and modules.
        stem_batch_norm: normalise after each of them.
        classifier_projection: channels after the classifier's 1x1 convolution; None leaves it out.
        classifier_pooling: of its cells.
        classifier_widths: of its hidden layers.
        classifier_batch_norm: normalise in it.
        classifier_dropout: the share of each hidden layer dropped in training.
        referents: a 1x1 convolution reads from every function's map which cells hold the objects that it stands for, so
            that these can be taught too.
        gives_objects: of every function, whether it gives objects, so that there is something to read; traces then show
            what is read. Empty: unknown, and traces show how active a map is.
        context: functions of one input tell every cell what the objects add up to that their input stands for
            (`visreason.nn.referents.referent_sum`), for image networks whose cells see little beyond themselves. Needs
            `referents`.
    """

    image: ImageEncoderConfig
    functions: tuple[str, ...]
    arities: tuple[int, ...]
    answer_count: int
    dim: int = 128
    stem_layers: int = 2
    stem_batch_norm: bool = False
    classifier_projection: int | None = 512
    classifier_pooling: Pooling = "max2"
    classifier_widths: tuple[int, ...] = (1024,)
    classifier_batch_norm: bool = False
    classifier_dropout: float = 0.0
    referents: bool = False
    gives_objects: tuple[bool, ...] = ()
    context: bool = False


class ProgramEngine(nn.Module, ABC):
    """Scores of answers from an image and a program.

    ```
    x = stem(cells);   m(f(a, b)) = module_f(m(a), m(b)),  m(scene) = module_scene(x);   scores = classifier(m(root))
    ```

    A batch's programs are executed together (`visreason.nn.execution`): the stem once an image, equal parts of
    programs about one image once, each function on all nodes that are ready for it.

    Args:
        config: sizes and language.
        family: the name of the model family, for traces.
        symbol_modules: END and UNKNOWN are executed too, see `Grammar`.

    Raises:
        ModelError: a configuration that fits no network.
    """

    def __init__(self, config: ProgramEngineConfig, family: str, *, symbol_modules: bool = False) -> None:
        super().__init__()
        require(config.answer_count > 1, f"answer_count is {config.answer_count}; give two or more.")
        require(config.stem_layers > 0, f"stem_layers is {config.stem_layers}; give at least one.")
        require(
            len(config.gives_objects) in (0, len(config.functions)),
            f"gives_objects tells of {len(config.gives_objects)} functions, and there are {len(config.functions)}.",
        )
        require(
            config.referents or not config.context,
            "context is true and referents false; what is told is read by referents, so give both.",
        )
        self.family, self.context, self.gives_objects = family, config.context, config.gives_objects
        self.functions = Functions(config.functions, config.arities)
        self.grammar = Grammar(self.functions, symbol_modules)
        self.image = ImageEncoder(config.image)
        self.stem = stem(
            self.image.channels, config.dim, config.stem_layers, batch_norm=config.stem_batch_norm
        )
        self.classifier = grid_classifier(
            (config.dim, self.image.height, self.image.width),
            config.classifier_projection,
            config.classifier_pooling,
            config.classifier_widths,
            config.answer_count,
            batch_norm=config.classifier_batch_norm,
            dropout=config.classifier_dropout,
        )

        self.referents: nn.Conv2d | None = None
        if config.referents:
            self.referents = nn.Conv2d(config.dim, 1, kernel_size=1)
            assert self.referents.bias is not None
            nn.init.constant_(self.referents.bias, RARE)

    @abstractmethod
    def modules_for_a_step(self) -> Apply:
        """What applies functions to their inputs, asked for once a batch."""

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """Scores `[B, A]` by the batch's own programs; with `trace`, every function's map.

        Raises:
            ModelError: the batch lacks what the model sees, or programs, or one of them is not a whole program.
        """
        if batch.programs is None:
            raise ModelError(
                "this model executes programs, and the batch has none. Give questions with programs, or train a "
                "program generator with it (the family 'iep')."
            )
        return self._execute(batch, self.grammar.trees(batch.on_host("programs"), strict=True), trace)

    def run(self, batch: Batch, programs_BP: Tensor, *, trace: bool = False) -> Output:
        """Scores `[B, A]` by programs such as a generator writes; whatever a row holds is executed (`Grammar`).

        Raises:
            ModelError: the batch lacks what the model sees, or a program holds a number that is no symbol.
        """
        return self._execute(batch, self.grammar.trees(programs_BP), trace)

    def look(self, batch: Batch) -> tuple[Tensor, Sequence[int]]:
        """The images' maps `[I, D, h, w]`, and which of them each question is about.

        Raises:
            ModelError: the batch lacks what the model sees.
        """
        cells_ICHW = self.image(batch)
        if torch.is_autocast_enabled(cells_ICHW.device.type):  # then no convolution need reorder its input
            cells_ICHW = cells_ICHW.contiguous(memory_format=torch.channels_last)
        maps_IDHW: Tensor = self.stem(cells_ICHW)
        rows = range(len(batch)) if batch.image_rows is None else batch.on_host("image_rows").tolist()
        return maps_IDHW, rows

    def told(self, maps_NDHW: Tensor) -> Tensor | None:
        """What the objects add up to that maps stand for, `[N, D]`; None without a context."""
        if not self.context:
            return None
        assert self.referents is not None
        return referent_sum(maps_NDHW, self.referents(maps_NDHW).squeeze(1))

    def conclude(
        self, results: list[Tensor], schedule: Schedule, trees: list[Tree], *, trace: bool
    ) -> Output:
        """Scores `[B, A]` from the maps of the programs' roots; with `trace`, every function's map.

        Args:
            results: of `visreason.nn.execution.execute`.
            schedule: which of them each program's nodes are.
            trees: the programs.
            trace: tell every step.
        """
        roots_BDHW = torch.stack([results[row[-1]] for row in schedule.results])
        logits_BA: Tensor = self.classifier(roots_BDHW)
        if self.referents is not None and self.training:
            return Output(logits_BA, referents=self._meant(results, schedule, trees))
        if not trace:
            return Output(logits_BA)
        maps = [
            [self._shown(number, results[one]) for number, one in zip(tree.numbers, row, strict=True)]
            for tree, row in zip(trees, schedule.results, strict=True)
        ]
        return Output(logits_BA, trace=explain(self.family, self.functions, trees, maps, logits_BA))

    def _shown(self, number: int, map_DHW: Tensor) -> Table:
        """What a trace shows of a function's map: the cells that hold what it gives, or how active the map is."""
        function = number - FIRST_FUNCTION
        if (
            self.referents is None
            or not self.gives_objects
            or function < 0
            or not self.gives_objects[function]
        ):
            return heat(map_DHW)
        return table(self.referents(map_DHW[None])[0, 0].sigmoid().tolist())

    def _meant(self, results: list[Tensor], schedule: Schedule, trees: list[Tree]) -> Tensor:
        """What the functions stand for, `[B, P, H, W]`, at their places in the programs' rows; 0 in the padding."""
        assert self.referents is not None
        scores_RHW = self.referents(torch.stack(results)).squeeze(1)
        longest = max(len(tree.numbers) for tree in trees)
        rows_BP = [[len(results)] * longest for _ in trees]
        for row, tree, used in zip(rows_BP, trees, schedule.results, strict=True):
            for place, result in zip(tree.places, used, strict=True):
                if place is not None:
                    row[place] = result
        padded_RHW = torch.cat([scores_RHW, torch.zeros_like(scores_RHW[:1])])
        return padded_RHW[torch.tensor(rows_BP, device=scores_RHW.device)]

    def _execute(self, batch: Batch, trees: list[Tree], trace: bool) -> Output:
        cells_IDHW, rows = self.look(batch)
        schedule = plan(trees, rows, len(cells_IDHW))
        results = execute(schedule, cells_IDHW, self.modules_for_a_step())
        return self.conclude(results, schedule, trees, trace=trace)
