"""The end-to-end network of VisualReasoning_MMnet, PG_endtoend: with the LSTM generator of 6a7b621 or HEAD's GRU."""

from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from visreason.data.vocabulary import Vocabulary
from visreason.models.module_memory import ModuleMemoryConfig
from visreason.models.module_memory_end_to_end import ModuleMemoryEndToEnd, ModuleMemoryEndToEndConfig
from visreason.zoo.clevr_iep.program_generator import generator_config, our_name
from visreason.zoo.mmnet.engines import engine_settings

_GENERATOR = "program_generator."


def end_to_end(
    tensors: Mapping[str, Tensor], vocabulary: Vocabulary
) -> tuple[ModuleMemoryEndToEnd, dict[str, Tensor]]:
    """PG_endtoend as a module memory end to end, and the weights by its names.

    It reads its memory by mixtures (`decoder="soft"`): which mode a file was trained in is not in it. With the GRU, END
    counts from the third symbol on.

    Raises:
        ModelError: the tensors have no such shapes, or are of another vocabulary.
    """
    of_generator = {
        name.removeprefix(_GENERATOR): tensor
        for name, tensor in tensors.items()
        if name.startswith(_GENERATOR)
    }
    generator = generator_config(of_generator, vocabulary, "the program generator")
    if generator.cell == "gru":
        generator = replace(generator, initial="xavier", earliest_end=3)
    memory = ModuleMemoryConfig(
        layout="overlapping", initial="published", **engine_settings(tensors, vocabulary)
    )
    renamed = {f"generator.{our_name(name)}": tensor for name, tensor in of_generator.items()}
    renamed |= {
        "engine.memory.shared" if name == "memory" else f"engine.{name}": tensor
        for name, tensor in tensors.items()
        if not name.startswith(_GENERATOR)
    }
    return ModuleMemoryEndToEnd(ModuleMemoryEndToEndConfig(generator=generator, memory=memory)), renamed
