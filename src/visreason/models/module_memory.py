"""Module memories: the weights of all modules as rows of two matrices, read by the program.

The model PG_memory of VisualReasoning_MMnet (https://github.com/rs9000/VisualReasoning_MMnet, 2018), "Module-Memory
Network": 86,607,904 parameters on 1024x14x14 features with CLEVR's 40 functions and 32 answers. Nothing is stored in
the memory while a program runs; it changes by gradient descent alone. With true programs, or sampled ones, it is a
module network without biases; its point is that it can be read by mixtures too (`visreason.nn.module_memory`).
"""

from dataclasses import dataclass

from torch import Tensor

from visreason.models.program_engine import Apply, ProgramEngine, ProgramEngineConfig
from visreason.nn.module_memory import Initial, Layout, Memory, one_input_module, two_input_module


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleMemoryConfig(ProgramEngineConfig):
    """The size and wiring of a module memory; the defaults are the published ones, but for `initial`.

    Attributes:
        layout: a matrix for each arity, or one for all, see `Memory`.
        initial: how the memory starts, see `Memory`.
    """

    dim: int = 256
    layout: Layout = "per-arity"
    initial: Initial = "fan-in"


class ModuleMemory(ProgramEngine):
    """Scores of answers from an image and a program, by modules whose weights are rows of a memory.

    See `ProgramEngine`; modules are `one_input_module` and `two_input_module`.

    Raises:
        ModelError: a configuration that fits no network.

    Example:
        >>> import torch
        >>> from visreason.nn.batch import Batch
        >>> from visreason.nn.image_encoder import ImageEncoderConfig
        >>> see = ImageEncoderConfig(kind="features", shape=(6, 4, 4))
        >>> language = {"functions": ("scene", "exist", "union"), "arities": (0, 1, 2)}
        >>> model = ModuleMemory(ModuleMemoryConfig(image=see, answer_count=2, dim=4, **language))
        >>> batch = Batch(tokens=torch.ones(1, 1), lengths=torch.ones(1), features=torch.rand(1, 6, 4, 4))
        >>> model.run(batch, torch.tensor([[5, 6, 4, 4]])).logits.shape
        torch.Size([1, 2])
    """

    def __init__(self, config: ModuleMemoryConfig) -> None:
        super().__init__(config, "module-memory")
        self.config = config
        self.memory = Memory(
            self.functions, config.dim, layout=config.layout, initial=config.initial, context=config.context
        )

    def modules_for_a_step(self) -> Apply:
        """The memory, its rows read once."""
        rows = self.memory.rows()

        def apply(number: int, inputs: tuple[Tensor, ...]) -> Tensor:
            if len(inputs) == 2:
                return two_input_module(*inputs, rows[number])
            return one_input_module(inputs[0], rows[number], self.told(inputs[0]))

        return apply
