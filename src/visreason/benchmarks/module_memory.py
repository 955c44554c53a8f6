"""The module memory of VisualReasoning_MMnet: forward and backward against the literal form.

Literally, each executed function reads its row as the product of a one-hot address and the whole matrix, as the
project does; our rows are taken apart once a pass. At the published width of 256 8 questions are enough to see it.
"""

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from visreason.benchmarks.engine_step import PUBLISHED, Case, Engine, main, measure_all
from visreason.benchmarks.row import Row
from visreason.models.module_memory import ModuleMemory, ModuleMemoryConfig
from visreason.models.program_engine import Apply, ProgramEngine
from visreason.nn.module_memory import one_input_module, two_input_module


def literally(model: ProgramEngine) -> Apply:
    """Each function by a product of its one-hot address and its matrix of the memory."""
    assert isinstance(model, ModuleMemory)
    memory = model.memory

    def apply(number: int, inputs: tuple[Tensor, ...]) -> Tensor:
        two = len(inputs) == 2
        matrix, numbers = (memory.two_inputs if two else memory.one_input), memory.numbers[two]
        address_1V = one_hot(torch.tensor([numbers.index(number)]), len(numbers)).to(matrix)
        row = (address_1V @ matrix)[0]
        return two_input_module(inputs[0], inputs[1], row) if two else one_input_module(inputs[0], row)

    return apply


ENGINE = Engine(
    module="visreason.benchmarks.module_memory",
    build=lambda: ModuleMemory(ModuleMemoryConfig(**PUBLISHED)),
    literally=literally,
    cases=(
        Case(name="module-memory.float32", questions=8),
        Case(name="module-memory.bfloat16", questions=8, dtype="bfloat16"),
        Case(name="module-memory.gpu", questions=8, device="cuda"),
    ),
)


def run(rounds: int = 2) -> list[Row]:
    """Measure every case.

    Args:
        rounds: passes through each form; the fastest counts.
    """
    return measure_all(ENGINE, rounds)


if __name__ == "__main__":
    main(ENGINE)
