"""Stack Neural Module Networks: plan a program from the text alone, run it softly over the image, answer or point.

Hu et al., "Explainable Neural Computation via Stack Neural Module Networks" (ECCV 2018). One network serves question
answering, referring expressions, or both at once.

Shape legend: B questions, I images, P = h * w cells, D numbers a cell, T steps, M = 9 modules, A answers.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.models.config import require
from visreason.models.locating import LocationHead, LocationHeadConfig
from visreason.models.output import Output
from visreason.models.stack_trace import explain
from visreason.nn.batch import Batch
from visreason.nn.controller import Plan, TextController
from visreason.nn.dense import dense, dense_over_maps
from visreason.nn.image_encoder import ImageEncoder, ImageEncoderConfig
from visreason.nn.positions import wave_positions
from visreason.nn.reconstruction import QuestionReconstructor, ReconstructionConfig
from visreason.nn.referents import MapReader
from visreason.nn.stack import Sharpening
from visreason.nn.stack_modules import StackModules, StackRules, StackStep
from visreason.nn.stack_moves import MODULE_COUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class StackNmnConfig:
    """The size and wiring of a Stack Neural Module Network; the defaults are the published network's.

    Attributes:
        vocabulary_size: the number of words, without padding.
        image: how the network sees.
        answer_count: A; None: it answers no questions.
        locate: how it points; None: it does not.
        reconstruct: how it tells the question again from its plan, in training; None: it does not.
        steps: T.
        dim: D.
        word_size: of a word's embedding.
        lstm_hidden: of the question's encoder, both directions together.
        position_size: numbers that say where a cell lies, a multiple of 4.
        control: a step is about the words' "embeddings", or the encoder's "states".
        module_scores: "mlp", or "linear".
        module_bias: of the MLP's last layer.
        normalise_attention: padding takes no share of a step's words.
        gumbel: in training the modules' weights are drawn with Gumbel noise at this temperature; None: they are not.
        hard_layout: outside training every step runs the likeliest module only.
        stack_places: places of the stack; it holds one map less, and CLEVR needs 2 (published: 8 places).
        pointer: the stack's pointer stands on one place ("hard") or mostly on one ("soft").
        pointer_temperature: of a soft pointer.
        guard_stack: a pointer moved beyond an end stays there.
        validity: modules that do not fit the stack get no weight: "soft", "hard" (rounded) or "off".
        keep_stack: describing leaves the stack as it is.
        memory_size: of what is described.
        answer_hidden: the layer between memory and answer.
        answer_question: the answer also reads the question.
        dropout: in that layer.
        referents: a scale and an offset read from the top of the stack after every step which cells hold the objects
            that the step stands for, so that true layouts can teach that in training (`visreason.nn.referents`).
    """

    vocabulary_size: int
    image: ImageEncoderConfig
    answer_count: int | None = None
    locate: LocationHeadConfig | None = None
    reconstruct: ReconstructionConfig | None = None
    steps: int = 9
    dim: int = 512
    word_size: int = 300
    lstm_hidden: int = 512
    position_size: int = 128
    control: Literal["embeddings", "states"] = "embeddings"
    module_scores: Literal["mlp", "linear"] = "mlp"
    module_bias: bool = True
    normalise_attention: bool = True
    gumbel: float | None = None
    hard_layout: bool = False
    stack_places: int = 4
    pointer: Sharpening = "hard"
    pointer_temperature: float = 0.2
    guard_stack: bool = True
    validity: Literal["soft", "hard", "off"] = "soft"
    keep_stack: bool = True
    memory_size: int = 512
    answer_hidden: int = 512
    answer_question: bool = True
    dropout: float = 0.15
    referents: bool = False


class StackNmn(nn.Module):
    """Scores of answers, of cells and of modules from a question or expression.

    ```
    k = Conv1x1(ELU(Conv1x1([cells | positions])));     control, weights = controller(words)
    memory, stack = modules(k, control, weights)
    answers = MLP([question | memory]);     place = |w| * top of the stack + b,  corners = Conv1x1(k)
    ```

    Raises:
        ModelError: a configuration that fits no network.

    Example:
        >>> see = ImageEncoderConfig(kind="pixels", shape=(3, 32, 32), channels=(8, 8))
        >>> config = StackNmnConfig(vocabulary_size=82, answer_count=28, image=see, dim=16, memory_size=16)
        >>> question = {"tokens": torch.tensor([[5, 7]]), "lengths": torch.tensor([2])}
        >>> output = StackNmn(config)(Batch(**question, images=torch.rand(1, 3, 32, 32)))
        >>> output.logits.shape, output.modules.shape
        (torch.Size([1, 28]), torch.Size([1, 9, 9]))
    """

    positions_PF: Tensor

    def __init__(self, config: StackNmnConfig) -> None:
        super().__init__()
        require(
            config.answer_count is not None or config.locate is not None,
            "give answer_count, locate, or both: the network has nothing to say.",
        )
        require(config.stack_places > 1, f"stack_places is {config.stack_places}; give two or more.")
        require(config.steps > 0, f"steps is {config.steps}; give at least one.")
        require(
            config.position_size >= 4 and config.position_size % 4 == 0,
            f"position_size is {config.position_size}; give a multiple of 4.",
        )
        self.config = config
        self.image = ImageEncoder(config.image)
        positions_PF = wave_positions(self.image.height, self.image.width, config.position_size)
        self.register_buffer("positions_PF", positions_PF, persistent=False)
        self.first = nn.Linear(self.image.channels + config.position_size, config.dim)
        self.second = nn.Linear(config.dim, config.dim)
        self.controller = TextController(
            config.vocabulary_size,
            config.word_size,
            config.lstm_hidden,
            config.steps,
            MODULE_COUNT,
            about=config.control,
            scores=config.module_scores,
            bias=config.module_bias,
            normalise=config.normalise_attention,
            gumbel=config.gumbel,
            hard=config.hard_layout,
        )
        rules = StackRules(
            places=config.stack_places,
            pointer=config.pointer,
            temperature=config.pointer_temperature,
            guard=config.guard_stack,
            validity=config.validity,
            keep=config.keep_stack,
        )
        self.modules_of_stack = StackModules(
            config.dim, self.controller.control_size, config.memory_size, rules
        )
        self.answer: nn.Module | None = None
        if config.answer_count is not None:
            asked = config.lstm_hidden if config.answer_question else 0
            self.answer = nn.Sequential(
                nn.Linear(asked + config.memory_size, config.answer_hidden),
                nn.ELU(),
                nn.Dropout(config.dropout),
                nn.Linear(config.answer_hidden, config.answer_count),
            )
        self.location: LocationHead | None = None
        if config.locate is not None:
            grid = (self.image.height, self.image.width)
            self.location = LocationHead(config.locate, grid, config.dim, config.lstm_hidden)
        self.reconstructor: QuestionReconstructor | None = None
        if config.reconstruct is not None:
            sizes = (config.vocabulary_size, config.word_size, MODULE_COUNT, self.controller.control_size)
            self.reconstructor = QuestionReconstructor(config.reconstruct, *sizes)
        self.referents = MapReader() if config.referents else None
        self.apply(_initialise)

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """Scores of answers `[B, A]` and of cells, as far as the network has them, and of modules at every step.

        Raises:
            ModelError: the batch lacks what the model sees, or a question has no words.
        """
        cells_BPD = batch.spread(self.knowledge(batch))
        plan = self.controller(batch.tokens, batch.lengths)
        steps: list[StackStep] = self.modules_of_stack(cells_BPD, plan.control_BTE, plan.weights_BTM)
        output = Output(self._answers(plan, steps[-1]), modules=plan.logits_BTM)
        if self.location is not None:
            output.places, output.corners = self.location(cells_BPD, steps[-1].top, plan.question_BH)
        if self.reconstructor is not None and self.training:
            output.words = self.reconstructor(plan, batch.tokens)
        if self.referents is not None and self.training:
            tops_BTP = torch.stack([step.top for step in steps], dim=1)
            output.referents = self.referents(tops_BTP).unflatten(2, (self.image.height, self.image.width))
        if trace:
            output.trace = explain(self, batch, plan, steps, output)
        return output

    def knowledge(self, batch: Batch) -> Tensor:
        """What is known of every cell of every image, `[I, P, D]`.

        The positions' half of the first layer is the same for all images and is multiplied once.
        """
        kind = self.first.weight.dtype
        seen_ICP = self.image(batch).to(kind).flatten(2)
        sizes = [seen_ICP.shape[1], self.positions_PF.shape[1]]
        of_seen_DC, of_place_DF = torch.split(self.first.weight, sizes, dim=1)
        place_PD = dense(self.positions_PF.to(kind), of_place_DF, self.first.bias)
        first_IPD = functional.elu_(dense_over_maps(seen_ICP, of_seen_DC, place_PD))
        return dense(first_IPD, self.second.weight, self.second.bias)

    def _answers(self, plan: Plan, last: StackStep) -> Tensor:
        """Scores of answers; empty, `[B, 0]`, where the network answers none."""
        if self.answer is None:
            return last.memory_BK[:, :0]
        read = [plan.question_BH] if self.config.answer_question else []
        logits_BA: Tensor = self.answer(torch.cat([*read, last.memory_BK.to(plan.question_BH.dtype)], dim=1))
        return logits_BA


def _initialise(module: nn.Module) -> None:
    """The published start: Xavier's weights, no bias, embeddings of length about 1; LSTMs as PyTorch's."""
    if isinstance(module, nn.Linear | nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(module.weight, std=module.embedding_dim**-0.5)
