"""The checkpoint file of clevr-iep (https://github.com/facebookresearch/clevr-iep).

What its training script saves is a mapping with a vocabulary, statistics and up to three parts, each as
`PART_kwargs`, the arguments the network was built with, and `PART_state`, its weights; a part that was not trained is
None. Parts are `program_generator`, `execution_engine` and `baseline`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from visreason.data.vocabulary import Vocabulary
from visreason.errors import ModelError
from visreason.files import read_json
from visreason.zoo.torch_file import describe, read_torch_file

KIND = "a checkpoint of clevr-iep (.pt, as its scripts/train_model.py writes it)"
PARTS = ("program_generator", "execution_engine", "baseline")


@dataclass(frozen=True, slots=True)
class Part:
    """One network of a checkpoint.

    Attributes:
        settings: what it was built with.
        tensors: its weights by clevr-iep's names.
    """

    settings: Mapping[str, Any]
    tensors: Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file of clevr-iep.

    Attributes:
        path: the file.
        vocabulary: the one it was trained with.
        parts: the networks it holds, by name.
    """

    path: Path
    vocabulary: Vocabulary
    parts: Mapping[str, Part]


def read_checkpoint(
    file: str | os.PathLike[str], vocabulary: str | os.PathLike[str] | None = None
) -> Checkpoint:
    """Read a checkpoint.

    Args:
        file: the checkpoint (`.pt`), loaded as numbers and words only.
        vocabulary: a `vocab.json` to use instead of the one in the file, such as one with more words.

    Raises:
        ModelError: the file is missing, damaged or no such checkpoint, or has other functions, answers or first words
            than the vocabulary given.
        DataError: the vocabulary is none of clevr-iep's.
    """
    path = Path(file)
    loaded = read_torch_file(path, KIND)
    if not isinstance(loaded, Mapping) or not any(f"{name}_state" in loaded for name in PARTS):
        raise ModelError(f"{path} holds {describe(loaded)}, not a checkpoint of clevr-iep. Give {KIND}.")
    parts = {
        name: Part(loaded[f"{name}_kwargs"], loaded[f"{name}_state"])
        for name in PARTS
        if isinstance(loaded.get(f"{name}_state"), Mapping)
        and isinstance(loaded.get(f"{name}_kwargs"), Mapping)
    }
    if not parts:
        raise ModelError(f"{path} is a checkpoint of clevr-iep without any network in it. Give another.")
    words = Vocabulary.from_iep(loaded.get("vocab"), str(path))
    if vocabulary is not None:
        given = Vocabulary.from_iep(read_json(vocabulary), str(vocabulary))
        if (given.functions, given.answers) != (words.functions, words.answers):
            raise ModelError(
                f"{vocabulary} lists other functions or answers than {path} was trained with. Leave it out: the "
                "checkpoint has its own."
            )
        if given.words[: len(words.words)] != words.words:
            raise ModelError(
                f"{vocabulary} does not begin with the {len(words.words)} words that {path} was trained with, in their "
                "order. Leave it out, or append to the checkpoint's words."
            )
        words = given
    return Checkpoint(path, words, parts)


def join(one: Checkpoint, other: Checkpoint) -> Checkpoint:
    """The parts of two files, which clevr-iep's training leaves one a file.

    Raises:
        ModelError: both hold the same part, or they were trained with different vocabularies.
    """
    both = set(one.parts) & set(other.parts)
    if both:
        raise ModelError(
            f"{one.path} and {other.path} both hold a {min(both).replace('_', ' ')}. Give one with a program generator "
            "and one with an execution engine."
        )
    if one.vocabulary != other.vocabulary:
        raise ModelError(
            f"{one.path} and {other.path} were trained with different words, functions or answers, and make no model "
            "together. Give two files of one training."
        )
    return Checkpoint(one.path, one.vocabulary, {**one.parts, **other.parts})
