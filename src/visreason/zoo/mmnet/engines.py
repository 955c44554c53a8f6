"""The engines of VisualReasoning_MMnet that execute given programs: PG and PG_memory."""

import math
import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from visreason.data.vocabulary import Vocabulary
from visreason.errors import ModelError
from visreason.models.module_memory import ModuleMemory, ModuleMemoryConfig
from visreason.models.module_network import ModuleNetwork, ModuleNetworkConfig
from visreason.nn.functions import FIRST_FUNCTION
from visreason.nn.image_encoder import ImageEncoderConfig


def module_network(
    tensors: Mapping[str, Tensor], vocabulary: Vocabulary
) -> tuple[ModuleNetwork, dict[str, Tensor]]:
    """PG as a module network, and the weights by its names.

    Raises:
        ModelError: the tensors have no such shapes.
    """
    config = ModuleNetworkConfig(joining="3x3", **engine_settings(tensors, vocabulary))
    binary = {name: arity == 2 for name, arity in zip(vocabulary.functions, vocabulary.arities, strict=True)}
    return ModuleNetwork(config), {our_name(name, binary): tensor for name, tensor in tensors.items()}


def module_memory(
    tensors: Mapping[str, Tensor], vocabulary: Vocabulary
) -> tuple[ModuleMemory, dict[str, Tensor]]:
    """PG_memory as a module memory, and the weights by its names: its rows are in the order of ours.

    Raises:
        ModelError: the tensors have no such shapes.
    """
    names = {"memory_unary": "memory.one_input", "memory_binary": "memory.two_inputs"}
    config = ModuleMemoryConfig(**engine_settings(tensors, vocabulary))
    return ModuleMemory(config), {names.get(name, name): tensor for name, tensor in tensors.items()}


def our_name(name: str, binary: Mapping[str, bool]) -> str:
    """Our name of a parameter of PG; a name that is not one stays as it is.

    >>> functions = {"count": False, "union": True}
    >>> our_name("count.c1.bias", functions), our_name("union.c3.bias", functions)
    ('by_number.4.conv1.bias', 'by_number.5.block.conv2.bias')
    """
    function, _, rest = name.partition(".")
    if function not in binary:
        return name
    renamed = {"c1": "conv1", "c2": "conv2"}
    if binary[function]:
        renamed = {"c1": "join", "c2": "block.conv1", "c3": "block.conv2"}
    layer, _, kind = rest.partition(".")
    number = FIRST_FUNCTION + list(binary).index(function)
    return f"by_number.{number}.{renamed.get(layer, layer)}.{kind}"


def engine_settings(tensors: Mapping[str, Tensor], vocabulary: Vocabulary) -> dict[str, Any]:
    """The settings that all of the project's engines share, from the shapes of stem and classifier.

    Raises:
        ModelError: stem or classifier are missing, or are no square map's.
    """
    layers = [name for name in tensors if re.fullmatch(r"classifier\.\d+\.weight", name)]
    stem = tensors.get("stem.0.weight")
    if stem is None or len(layers) < 2 or tensors[layers[0]].dim() != 4:
        raise ModelError("this checkpoint has no stem and classifier such as VisualReasoning_MMnet makes.")
    first, *hidden, last = (tensors[name] for name in layers)
    cells = (hidden or [last])[0].shape[1] / first.shape[0]
    side = 2 * math.isqrt(int(cells))  # of the map before it is pooled 2x2
    if 4 * cells != side * side:
        raise ModelError(f"this checkpoint's classifier reads {cells:g} cells, which make no square map.")
    return {
        "image": ImageEncoderConfig(kind="features", shape=(stem.shape[1], side, side)),
        "functions": vocabulary.functions,
        "arities": vocabulary.arities,
        "answer_count": last.shape[0],
        "dim": stem.shape[0],
        "stem_layers": sum(re.fullmatch(r"stem\.\d+\.weight", name) is not None for name in tensors),
        "classifier_projection": first.shape[0],
        "classifier_widths": tuple(layer.shape[0] for layer in hidden),
    }
