"""Checkpoints of RelationNetworks-CLEVR (https://github.com/mesnico/RelationNetworks-CLEVR) as our models.

Such a file is a bare `state_dict` in PyTorch's format (`RN_epoch_NN.pth`), its names often prefixed with
`module.`. The kind of network and every width can be told from the shapes; the word and answer tables are not
in it and come from a JSON file of dictionaries.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from torch import Tensor

from visreason.errors import ModelError
from visreason.files import read_json
from visreason.models.relation_network import RelationNetwork, RelationNetworkConfig
from visreason.zoo.torch_file import fill, provenance, read_state_dict

Variant = Literal["original-fp", "original-sd", "ir-fp", "ir-sd"]

_KIND = "a checkpoint of RelationNetworks-CLEVR (RN_epoch_NN.pth, a bare state_dict)"

LONGEST_QUESTION = 43
"""CLEVR's longest question. These networks were trained on rows padded to the longest of 640 questions."""

_RENAMED = (
    (r"conv\.conv(\d+)\.", r"cnn.layers.\1.0."),
    (r"conv\.batchNorm(\d+)\.", r"cnn.layers.\1.1."),
    (r"text\.wembedding\.", "text.embedding."),
    (r"text\.lstm\.", "text.lstm."),
    (r"rl\.g_layers\.", "relations.layers."),
    (r"rl\.f_fc1\.", "head.hidden.0."),
    (r"rl\.f_fc2\.", "head.hidden.1."),
    (r"rl\.f_fc3\.", "head.scores."),
)
_NEEDED = (
    "cnn.layers.0.0.weight",
    "text.embedding.weight",
    "text.lstm.weight_hh_l0",
    "relations.layers.0.weight",
    "head.hidden.0.weight",
    "head.hidden.1.weight",
    "head.scores.weight",
)


def convert(
    file: str | os.PathLike[str],
    dictionaries: str | os.PathLike[str] | None = None,
    model: Variant | None = None,
) -> tuple[RelationNetwork, dict[str, Any]]:
    """A checkpoint as one of our Relation Networks and the metadata of its model file.

    The network reads questions of at least 43 tokens, zeros first (`pad_to`), because padding was part of its
    training; without it the answers lose some 6 %. A network from state descriptions takes padded objects for
    objects, for the same reason.

    Args:
        file: the checkpoint (`.pth`), loaded as numbers only.
        dictionaries: JSON with the checkpoint's `words` (the first has index 1) and `answers` (the first is
            class 0); without it the model cannot be asked in words.
        model: which network it should be; None takes whichever it is.

    Returns:
        the model in evaluation mode, and `meta` for `visreason.models.save_model`.

    Raises:
        ModelError: the file is missing, is no such checkpoint or another network than `model`, or the
            dictionaries do not fit it.
        DataError: the dictionaries cannot be read.
    """
    path = Path(file)
    tensors = _rename(read_state_dict(path, _KIND), path)
    config = _infer(tensors, path)
    variant = _variant(config)
    if model is not None and model != variant:
        raise ModelError(
            f"{path} holds the network {variant}, not {model}. Leave --model out or give {variant}."
        )
    meta: dict[str, Any] = {
        "inputs": _inputs(config),
        "recipe": {"fp": "rn-pixels", "sd": "rn-state"}[variant[-2:]]
        + ("-ir" if variant.startswith("ir") else ""),
        "provenance": provenance("relation-networks-clevr", variant, path),
    }
    if dictionaries is not None:
        meta["vocabulary"] = _vocabulary(dictionaries, config)
    network = RelationNetwork(config)
    if config.input == "state":  # the reference builds a CNN in this case too, and never uses it
        tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith("cnn.")}
    fill(network, tensors, path, "a network that RelationNetworks-CLEVR's master branch makes")
    return network, meta


def _rename(tensors: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """The tensors by our names."""
    renamed = {our_name(name): tensor for name, tensor in tensors.items()}
    missing = [name for name in _NEEDED if name not in renamed]
    if missing:
        raise ModelError(
            f"{path} is not a checkpoint of RelationNetworks-CLEVR: it has nothing for {missing[0]}; "
            f"it has {', '.join(list(tensors)[:3])}, ... Give one of that project's files."
        )
    return renamed


def our_name(name: str) -> str:
    """Our name of a parameter that the reference calls `name`; a name that is not one stays as it is.

    >>> our_name("conv.conv1.weight"), our_name("rl.f_fc3.bias")
    ('cnn.layers.0.0.weight', 'head.scores.bias')
    """
    for pattern, replacement in _RENAMED:
        if (match := re.match(pattern, name)) is not None:
            name = match.expand(replacement) + name[match.end() :]
    # the reference counts its convolutions from 1, we count from 0
    return re.sub(r"^cnn\.layers\.(\d+)", lambda found: f"cnn.layers.{int(found[1]) - 1}", name)


def _infer(tensors: Mapping[str, Tensor], path: Path) -> RelationNetworkConfig:
    """Kind and widths from the tensors' shapes."""
    weights: list[Tensor] = []
    while (weight := tensors.get(f"relations.layers.{len(weights)}.weight")) is not None:
        weights.append(weight)
    widths = tuple(weight.shape[0] for weight in weights)
    question = tensors["text.lstm.weight_hh_l0"].shape[1]
    surplus = [weight.shape[1] - before for weight, before in zip(weights[1:], widths, strict=False)]
    late = tensors["head.hidden.0.weight"].shape[1] - widths[-1]
    injection = next((layer for layer, extra in enumerate([*surplus, late], start=1) if extra == question), 0)
    pair = weights[0].shape[1] - (question if injection == 0 else 0)
    channels: list[int] = []
    while (weight := tensors.get(f"cnn.layers.{len(channels)}.0.weight")) is not None:
        channels.append(weight.shape[0])
    if pair <= 0 or pair % 2:
        raise ModelError(
            f"{path}: the first pair layer reads {weights[0].shape[1]} numbers, which is not two objects "
            f"(and a question of {question}). This is not a Relation Network of that project."
        )
    pixels = pair // 2 == channels[-1] + 2
    return RelationNetworkConfig(
        vocabulary_size=tensors["text.embedding.weight"].shape[0] - 1,
        answer_count=tensors["head.scores.weight"].shape[0],
        input="pixels" if pixels else "state",
        object_size=None if pixels else pair // 2,
        conv_channels=tuple(channels),
        word_size=tensors["text.embedding.weight"].shape[1],
        lstm_hidden=question,
        pad_to=LONGEST_QUESTION,
        g_widths=widths,
        injection_layer=injection,
        mask_objects=pixels,
        f_widths=(tensors["head.hidden.0.weight"].shape[0], tensors["head.hidden.1.weight"].shape[0]),
        dropout=0.5 if pixels else 0.05,
    )


def _variant(config: RelationNetworkConfig) -> Variant:
    """The reference's name of such a network."""
    if config.input == "pixels":
        return "original-fp" if config.injection_layer == 0 else "ir-fp"
    return "original-sd" if config.injection_layer == 0 else "ir-sd"


def _inputs(config: RelationNetworkConfig) -> dict[str, Any]:
    """What the reference's data loader feeds it."""
    if config.input == "pixels":
        return {"kind": "pixels", "image_size": [128, 128]}
    return {"kind": "state", "encoding": "ordinal", "max_objects": 12}


def _vocabulary(dictionaries: str | os.PathLike[str], config: RelationNetworkConfig) -> dict[str, list[str]]:
    """The word and answer tables, checked against the network."""
    record = read_json(dictionaries)
    table = {}
    for key, size in (("words", config.vocabulary_size), ("answers", config.answer_count)):
        entries = record.get(key) if isinstance(record, dict) else None
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            raise ModelError(
                f"{dictionaries} has no list of strings '{key}'. Give JSON of the form "
                '{"words": [...], "answers": [...]}.'
            )
        if len(entries) != size:
            raise ModelError(
                f"{dictionaries} lists {len(entries)} {key}, the checkpoint was trained with {size}. Give "
                "the dictionaries it was trained with."
            )
        table[key] = entries
    return table
