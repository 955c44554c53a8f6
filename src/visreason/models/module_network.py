"""Module networks: a small residual network for every function, wired anew for every program.

Johnson et al., "Inferring and Executing Programs for Visual Reasoning" (2017), the execution engine of IEP; and the
model PG of VisualReasoning_MMnet (https://github.com/rs9000/VisualReasoning_MMnet), which differs in one layer.

| | dim | joining | symbol_modules | answers | parameters |
|---|---|---|---|---|---|
| Johnson et al. (2017) | 128 | 1x1 | yes | 32 | 40,400,800 |
| VisualReasoning_MMnet, PG | 256 | 3x3 | no | 32 | 86,630,688 |

on 1024x14x14 features; four of the 32 answers are symbols that never are one.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from visreason.models.program_engine import Apply, ProgramEngine, ProgramEngineConfig
from visreason.nn.functions import FIRST_FUNCTION
from visreason.nn.residual import Joining, JoiningBlock, ResidualBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleNetworkConfig(ProgramEngineConfig):
    """The size and wiring of a module network; the defaults are those of Johnson et al. (2017).

    Attributes:
        residual: modules add their input.
        batch_norm: normalise after each convolution of a module. In training the statistics are those of all maps
            that the module is applied to at once.
        joining: the first convolution of modules of two inputs.
        symbol_modules: the symbols NULL, START, END and UNKNOWN have modules too, and END and UNKNOWN are executed
            as functions of one input: so it is in clevr-iep, whose checkpoints need it.
    """

    residual: bool = True
    batch_norm: bool = False
    joining: Joining = "1x1"
    symbol_modules: bool = False


class ModuleNetwork(ProgramEngine):
    """Scores of answers from an image and a program, by a module of its own for every function.

    See `ProgramEngine`; modules are `ResidualBlock` and `JoiningBlock`.

    Example:
        >>> import torch
        >>> from visreason.nn.batch import Batch
        >>> from visreason.nn.image_encoder import ImageEncoderConfig
        >>> see = ImageEncoderConfig(kind="features", shape=(6, 4, 4))
        >>> language = {"functions": ("scene", "exist", "union"), "arities": (0, 1, 2)}
        >>> model = ModuleNetwork(ModuleNetworkConfig(image=see, answer_count=2, dim=4, **language))
        >>> batch = Batch(tokens=torch.ones(1, 1), lengths=torch.ones(1), features=torch.rand(1, 6, 4, 4))
        >>> batch.programs = torch.tensor([[5, 6, 4, 4]])
        >>> output = model(batch, trace=True)
        >>> [(step.name, step.reads) for step in output.trace[0].steps]
        [('scene', ()), ('scene', ()), ('union', (0, 1)), ('exist', (2,))]
    """

    def __init__(self, config: ModuleNetworkConfig) -> None:
        super().__init__(config, "module-network", symbol_modules=config.symbol_modules)
        self.config = config
        first = 0 if config.symbol_modules else FIRST_FUNCTION
        self.by_number = nn.ModuleDict(
            {str(number): self._module(number) for number in range(first, self.functions.symbols)}
        )

    def modules_for_a_step(self) -> Apply:
        """Each function's module."""

        def apply(number: int, inputs: tuple[Tensor, ...]) -> Tensor:
            told = (self.told(inputs[0]),) if len(inputs) == 1 else ()
            result: Tensor = self.by_number[str(number)](*inputs, *told)
            return result

        return apply

    def _module(self, number: int) -> nn.Module:
        config = self.config
        options = {"batch_norm": config.batch_norm, "residual": config.residual}
        if number >= FIRST_FUNCTION and self.functions.arity(number) == 2:
            return JoiningBlock(config.dim, joining=config.joining, **options)
        return ResidualBlock(config.dim, context=config.context, **options)
