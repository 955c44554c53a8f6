"""Checkpoints of clevr-iep (https://github.com/facebookresearch/clevr-iep) as our models, one file a part.

Johnson et al., "Inferring and Executing Programs for Visual Reasoning" (2017). All numbers stay as they were: words,
functions and answers have those of the checkpoint's `vocab.json`, symbols included.
"""

import os
from collections.abc import Callable
from typing import Any

from torch import nn

from visreason.errors import ModelError
from visreason.zoo.clevr_iep.checkpoint import Checkpoint, read_checkpoint
from visreason.zoo.clevr_iep.execution_engine import execution_engine
from visreason.zoo.torch_file import provenance

CONVERTERS: dict[frozenset[str], tuple[str, Callable[[Checkpoint], nn.Module]]] = {
    frozenset({"execution_engine"}): ("execution-engine", execution_engine),
}
"""By the parts that a file holds: what that network is called, and how it is made."""


def convert(
    file: str | os.PathLike[str], vocabulary: str | os.PathLike[str] | None = None
) -> tuple[nn.Module, dict[str, Any]]:
    """A checkpoint as one of our models and the metadata of its model file.

    Args:
        file: the checkpoint (`.pt`), loaded as numbers and words only.
        vocabulary: a `vocab.json` to use instead of the one in the file, such as one with more words.

    Returns:
        the model in evaluation mode, and `meta` for `visreason.models.save_model`.

    Raises:
        ModelError: the file is missing, is no such checkpoint, its weights do not fit its settings, or it has other
            functions or answers than the vocabulary given.
        DataError: the vocabulary cannot be read, or is none of clevr-iep's.
    """
    checkpoint = read_checkpoint(file, vocabulary)
    held = frozenset(checkpoint.parts)
    if held not in CONVERTERS:
        raise ModelError(
            f"{file} holds {' and '.join(sorted(held))}, which no model here is made of. Known are files with "
            f"{'; '.join(' and '.join(sorted(one)) for one in CONVERTERS)}."
        )
    network, make = CONVERTERS[held]
    model = make(checkpoint)
    config: Any = model.config
    meta: dict[str, Any] = {
        "inputs": {"kind": "question"},
        "recipe": network,
        "provenance": provenance("clevr-iep", network, checkpoint.path),
        "vocabulary": checkpoint.vocabulary.to_dict(),
    }
    if (image := getattr(config, "image", None)) is not None:
        meta["inputs"] = {"kind": image.kind, "shape": list(image.shape)}
    return model, meta
