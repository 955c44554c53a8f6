"""Checkpoints of VisualReasoning_MMnet (https://github.com/rs9000/VisualReasoning_MMnet) as our models.

Such a file is a bare `state_dict` (`PG.model`, `PG_memory.model`). Which network it is and every width can be told from
names and shapes; the words, functions and answers are not in it and come from the project's `vocab.json`. One file
here for each kind of network.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from visreason.data.vocabulary import Vocabulary
from visreason.errors import ModelError
from visreason.files import read_json
from visreason.zoo.mmnet.attention import attention_network
from visreason.zoo.mmnet.end_to_end import end_to_end
from visreason.zoo.mmnet.engines import module_memory, module_network
from visreason.zoo.torch_file import fill, provenance, read_state_dict

KIND = "a checkpoint of VisualReasoning_MMnet (.model, a bare state_dict)"

Converter = Callable[[Mapping[str, Tensor], Vocabulary], tuple[nn.Module, dict[str, Tensor]]]

CONVERTERS: dict[str, tuple[str, Converter]] = {
    "memory": ("PG_endtoend", end_to_end),
    "memory_unary": ("PG_memory", module_memory),
    "count.c1.weight": ("PG", module_network),
    "attention.Wu.weight": ("SAN", partial(attention_network, network="SAN")),
}
"""A name by which a network is known, what the project calls it, and how it is made: a model, and weights for it."""


def convert(
    file: str | os.PathLike[str], vocabulary: str | os.PathLike[str] | None, *, by_words: bool = False
) -> tuple[nn.Module, dict[str, Any]]:
    """A checkpoint as one of our models and the metadata of its model file.

    Args:
        file: the checkpoint, loaded as numbers only.
        vocabulary: the `vocab.json` it was trained with.
        by_words: it is a SAN_wbw, which reads word by word; its weights look like a SAN's.

    Returns:
        the model in evaluation mode, and `meta` for `visreason.models.save_model`.

    Raises:
        ModelError: the file is missing, is no such checkpoint, or the vocabulary is missing or does not fit it.
        DataError: the vocabulary cannot be read, or is none of clevr-iep's.
    """
    path = Path(file)
    tensors = read_state_dict(path, KIND)
    known = next((name for name in CONVERTERS if name in tensors), None)
    if known is None:
        raise ModelError(
            f"{path} is not a checkpoint of VisualReasoning_MMnet: it has {', '.join(list(tensors)[:3])}, ... and "
            f"nothing called {' or '.join(CONVERTERS)}. Give {KIND}."
        )
    if vocabulary is None:
        raise ModelError(
            f"{path} has no words in it. Give the vocab.json that it was trained with (--vocab FILE); the project's "
            "is scripts/vocab.json."
        )
    words = Vocabulary.from_iep(read_json(vocabulary), str(vocabulary))
    network, make = CONVERTERS[known]
    if by_words:
        if network != "SAN":
            raise ModelError(
                f"{path} holds a {network}, which does not read word by word. Leave --by-words out."
            )
        network, make = "SAN_wbw", partial(attention_network, network="SAN_wbw")
    model, renamed = make(tensors, words)
    config: Any = getattr(model.config, "memory", model.config)  # of what sees, in networks of two parts
    if config.answer_count != len(words.answers):
        raise ModelError(
            f"{vocabulary} lists {len(words.answers)} answers, {path} was trained with {config.answer_count}. Give "
            "the vocab.json that it was trained with."
        )
    fill(model, renamed, path, f"a {network} of VisualReasoning_MMnet with the words of {vocabulary}")
    return model, {
        "inputs": {"kind": config.image.kind, "shape": list(config.image.shape)},
        "recipe": network,
        "provenance": provenance("mmnet", network, path),
        "vocabulary": words.to_dict(),
    }
