"""Checkpoints of clevr-iep (https://github.com/facebookresearch/clevr-iep) as our models, one file a part.

Johnson et al., "Inferring and Executing Programs for Visual Reasoning" (2017). All numbers stay as they were: words,
functions and answers have those of the checkpoint's `vocab.json`, symbols included.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import nn

from visreason.errors import ModelError
from visreason.zoo.clevr_iep.baselines import baseline
from visreason.zoo.clevr_iep.checkpoint import Checkpoint, join, read_checkpoint
from visreason.zoo.clevr_iep.execution_engine import execution_engine
from visreason.zoo.clevr_iep.program_generator import iep, program_generator
from visreason.zoo.torch_file import provenance

CONVERTERS: dict[frozenset[str], tuple[str, Callable[[Checkpoint], nn.Module]]] = {
    frozenset({"execution_engine"}): ("execution-engine", execution_engine),
    frozenset({"program_generator"}): ("program-generator", program_generator),
    frozenset({"program_generator", "execution_engine"}): ("iep", iep),
    frozenset({"baseline"}): ("baseline", baseline),
}
"""By the parts that a file holds: what that network is called, and how it is made."""


def convert(
    file: str | os.PathLike[str],
    vocabulary: str | os.PathLike[str] | None = None,
    second: str | os.PathLike[str] | None = None,
) -> tuple[nn.Module, dict[str, Any]]:
    """A checkpoint as one of our models and the metadata of its model file.

    Args:
        file: the checkpoint (`.pt`), loaded as numbers and words only.
        vocabulary: a `vocab.json` to use instead of the one in the file, such as one with more words.
        second: another checkpoint with the other part: a program generator and an execution engine make one model.

    Returns:
        the model in evaluation mode, and `meta` for `visreason.models.save_model`.

    Raises:
        ModelError: the file is missing, is no such checkpoint, its weights do not fit its settings, or it has other
            functions, answers or first words than the vocabulary given; or two files hold the same part or are of
            different vocabularies.
        DataError: the vocabulary cannot be read, or is none of clevr-iep's.
    """
    checkpoint = read_checkpoint(file, vocabulary)
    if second is not None:
        checkpoint = join(checkpoint, read_checkpoint(second, vocabulary))
    held = frozenset(checkpoint.parts)
    if held not in CONVERTERS:
        raise ModelError(
            f"{file} holds {' and '.join(sorted(held))}, which no model here is made of. Known are files with "
            f"{'; '.join(' and '.join(sorted(one)) for one in CONVERTERS)}."
        )
    network, make = CONVERTERS[held]
    model = make(checkpoint)
    config: Any = model.config
    engine = getattr(config, "modules", config)
    meta: dict[str, Any] = {
        "inputs": {"kind": "question"},
        "recipe": network,
        "provenance": provenance("clevr-iep", network, checkpoint.path),
        "vocabulary": checkpoint.vocabulary.to_dict(),
    }
    if second is not None:
        meta["provenance"]["second"] = provenance("clevr-iep", network, Path(second))
    if (image := getattr(engine, "image", None)) is not None:
        meta["inputs"] = {"kind": image.kind, "shape": list(image.shape)}
    return model, meta
