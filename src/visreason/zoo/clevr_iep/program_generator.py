"""The program generator of clevr-iep as one of ours, alone or with the execution engine."""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from visreason.data.vocabulary import Vocabulary
from visreason.errors import ModelError
from visreason.models.iep import Iep, IepConfig
from visreason.models.program_generator import ProgramGenerator, ProgramGeneratorConfig
from visreason.zoo.clevr_iep.checkpoint import Checkpoint
from visreason.zoo.clevr_iep.execution_engine import execution_engine
from visreason.zoo.torch_file import fill

_RENAMED = {
    "encoder_embed": "text.embedding",
    "encoder_rnn": "text.lstm",
    "decoder_embed": "symbols",
    "decoder_rnn": "decoder",
    "decoder_linear": "scores",
}


def program_generator(checkpoint: Checkpoint) -> ProgramGenerator:
    """The checkpoint's program generator, in evaluation mode.

    Where the vocabulary has more words than the checkpoint, as for human questions, theirs are small random numbers, as
    in clevr-iep.

    Raises:
        ModelError: the weights are not a generator's, or do not fit the vocabulary.
    """
    part, vocabulary = checkpoint.parts["program_generator"], checkpoint.vocabulary
    tensors = dict(part.tensors)
    if (known := tensors.get("encoder_embed.weight")) is not None:
        tensors["encoder_embed.weight"] = _with_new_words(known, len(vocabulary.words) + 1)
    where = f"{checkpoint.path}: the program generator"
    config = generator_config(tensors, vocabulary, where, dropout=part.settings.get("rnn_dropout", 0))
    model = ProgramGenerator(config)
    tensors = {our_name(name): tensor for name, tensor in tensors.items()}
    fill(model, tensors, checkpoint.path, "a checkpoint with a program generator that clevr-iep makes")
    return model


def iep(checkpoint: Checkpoint) -> Iep:
    """The checkpoint's program generator and execution engine as one model, in evaluation mode.

    Raises:
        ModelError: either does not fit its settings.
    """
    generator, engine = program_generator(checkpoint), execution_engine(checkpoint)
    model = Iep(IepConfig(generator=generator.config, modules=engine.config))
    model.generator, model.engine = generator, engine
    return model.eval()


def generator_config(
    tensors: Mapping[str, Tensor], vocabulary: Vocabulary, where: str, *, dropout: float = 0.0
) -> ProgramGeneratorConfig:
    """Sizes and cell of a generator from the shapes of its weights.

    Args:
        tensors: by clevr-iep's names.
        vocabulary: the one it was trained with.
        where: what is read, for messages.
        dropout: between its layers.

    Raises:
        ModelError: weights are missing, or of another vocabulary.
    """
    try:
        words, inner = tensors["encoder_embed.weight"], tensors["encoder_rnn.weight_hh_l0"]
        symbols = len(tensors["decoder_linear.bias"])
    except KeyError as error:
        raise ModelError(f"{where} has no {error}. Give a checkpoint that holds one.") from error
    for kind, found, wanted in (
        ("words", len(words) - 1, len(vocabulary.words)),
        ("program symbols", symbols, len(vocabulary.symbols)),
    ):
        if found != wanted:
            raise ModelError(
                f"{where} knows {found} {kind}, the vocabulary has {wanted}. Give the vocab.json it was trained with."
            )
    return ProgramGeneratorConfig(
        vocabulary_size=len(vocabulary.words),
        functions=vocabulary.functions,
        arities=vocabulary.arities,
        **vocabulary.types,
        cell="gru" if inner.shape[0] == 3 * inner.shape[1] else "lstm",
        word_size=words.shape[1],
        hidden=inner.shape[1],
        layers=sum(name.startswith("encoder_rnn.weight_hh") for name in tensors),
        dropout=float(dropout),
    )


def _with_new_words(words_WE: Tensor, count: int) -> Tensor:
    """Word vectors for at least so many words: the new ones normal with a deviation of 0.01, always the same."""
    new = max(0, count - len(words_WE))
    numbers = torch.Generator().manual_seed(0)
    return torch.cat([words_WE, 0.01 * torch.randn(new, words_WE.shape[1], generator=numbers).to(words_WE)])


def our_name(name: str) -> str:
    """Our name of a parameter that clevr-iep calls `name`; a name that is not one stays as it is.

    >>> our_name("decoder_rnn.bias_hh_l1"), our_name("encoder_embed.weight")
    ('decoder.bias_hh_l1', 'text.embedding.weight')
    """
    return re.sub(r"^\w+", lambda found: _RENAMED.get(found[0], found[0]), name)
