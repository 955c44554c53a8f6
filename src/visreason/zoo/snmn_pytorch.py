"""Checkpoints of snmn-pytorch (https://github.com/hamishivi/snmn-pytorch) as our models.

Lightning wrote them: `state_dict` holds two networks, `online_model.` and `offline_model.`, the second being the
running average of the first. Sizes can be told from the shapes; the settings that leave no trace in the weights (the
stack's length and rules) are those of the project's CLEVR configurations unless given.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from visreason.clevr.answers import ANSWERS
from visreason.data.vocabulary import CLEVR_WORDS
from visreason.errors import ModelError
from visreason.models.locating import LocationHeadConfig
from visreason.models.stack_nmn import StackNmn, StackNmnConfig
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.zoo.torch_file import describe, fill, provenance, read_torch_file

KIND = "a checkpoint of snmn-pytorch (.ckpt, as Lightning wrote it)"
CELLS = (14, 14)
Average = Literal["ema", "online"]

_PREFIX = {"ema": "offline_model.", "online": "online_model."}
_RENAMED = {
    "q_embed.": None,  # its rows move by one
    "init_ctrl": "controller.start",
    "controller.control_question.": "controller.join.",
    "controller.attn.": "controller.attend.",
    "nmn.find_ci.": "modules_of_stack.find.vector.",
    "nmn.find_conv.": "modules_of_stack.find.weight.",
    "nmn.transform_ci.": "modules_of_stack.transform.vector.",
    "nmn.transform_conv.": "modules_of_stack.transform.weight.",
    "nmn.scene_conv.": "modules_of_stack.scene.",
    "nmn.describeone_ci.": "modules_of_stack.describe_one.vector.",
    "nmn.describeone_mem.": "modules_of_stack.describe_one.describe.",
    "nmn.describetwo_ci.": "modules_of_stack.describe_two.vector.",
    "nmn.describetwo_mem.": "modules_of_stack.describe_two.describe.",
    "kb_process.0.": "first.",
    "kb_process.2.": "second.",
    "output_unit.": "answer.",
    "loc_conv.": "location.box.",
    "output_loc_aff_w": "location.weight",
    "output_loc_aff_b": "location.bias",
}


def convert(
    file: str | os.PathLike[str],
    average: Average = "ema",
    cells: tuple[int, int] = CELLS,
    rules: Mapping[str, Any] | None = None,
) -> tuple[StackNmn, dict[str, Any]]:
    """A checkpoint as one of our networks and the metadata of its model file.

    Args:
        file: the checkpoint, loaded as numbers only.
        average: the running average, which the project tests with, or the network that was trained.
        cells: height and width of the features.
        rules: settings of `StackNmnConfig` that the weights do not tell, where they differ from the project's CLEVR
            configurations.

    Raises:
        ModelError: the file is missing or no such checkpoint, or the rules fit no network.
    """
    path = Path(file)
    tensors = _network(read_torch_file(path, KIND), average, path)
    try:
        config = _infer(tensors, cells, rules or {}, path)
    except KeyError as error:
        raise ModelError(f"{path} is no network of snmn-pytorch: it has no {error}. Give {KIND}.") from error
    model = StackNmn(config)
    fill(model, _rename(tensors, config), path, "a network of snmn-pytorch")
    vocabulary = {"words": list(CLEVR_WORDS), "answers": sorted(ANSWERS)}
    task = "loc" if config.answer_count is None else "vqa"
    meta = {
        "inputs": {"kind": "features", "shape": list(config.image.shape)},
        "vocabulary": vocabulary if config.vocabulary_size == len(CLEVR_WORDS) else None,
        "recipe": f"snmn-{task}-{'scratch' if config.validity == 'off' else 'layout'}",
        "provenance": provenance("snmn-pytorch", average, path),
    }
    return model, {name: value for name, value in meta.items() if value is not None}


def _network(loaded: Any, average: Average, path: Path) -> dict[str, Tensor]:
    """One network's tensors by the project's names."""
    tensors = loaded.get("state_dict", loaded) if isinstance(loaded, Mapping) else None
    if not isinstance(tensors, Mapping) or not all(isinstance(one, Tensor) for one in tensors.values()):
        raise ModelError(f"{path} holds {describe(loaded)}, not networks of snmn-pytorch. Give {KIND}.")
    prefix = _PREFIX[average]
    if not any(name.startswith(prefix) for name in tensors):
        prefix = ""  # a bare network, without its average
    return {name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)}


def _infer(
    tensors: Mapping[str, Tensor], cells: tuple[int, int], rules: Mapping[str, Any], path: Path
) -> StackNmnConfig:
    """Sizes from the tensors' shapes."""
    words, word_size = tensors["q_embed.weight"].shape
    hidden = 2 * tensors["q_enc.weight_hh_l0"].shape[1]
    dim = tensors["kb_process.2.weight"].shape[0]
    control = tensors["init_ctrl"].shape[0]
    memory = tensors["nmn.describeone_mem.weight"].shape[0]
    linear = "controller.module_fc.weight" in tensors
    answers = "output_unit.3.weight" in tensors
    settings: dict[str, Any] = {
        "vocabulary_size": words,
        "steps": sum(name.startswith("controller.position_aware.") for name in tensors) // 2,
        "dim": dim,
        "word_size": word_size,
        "lstm_hidden": hidden,
        "control": "embeddings" if control == word_size and control != hidden else "states",
        "module_scores": "linear" if linear else "mlp",
        "memory_size": memory,
        "stack_places": 8,
        "dropout": 0.0,
    }
    if answers:
        settings["answer_count"] = tensors["output_unit.3.weight"].shape[0]
        settings["answer_hidden"] = tensors["output_unit.0.weight"].shape[0]
        settings["answer_question"] = tensors["output_unit.0.weight"].shape[1] > memory
    if "output_loc_aff_w" in tensors:
        settings["locate"] = LocationHeadConfig(scores="affine-by-cell")
        cells = (tensors["output_loc_aff_w"].shape[0], tensors["output_loc_aff_w"].shape[1])
    settings |= rules
    position, reads = settings.get("position_size", 128), tensors["kb_process.0.weight"].shape[1]
    channels = reads - position
    if channels < 1:
        raise ModelError(
            f"{path}: the network reads {reads} numbers a cell, and the last {position} of them would say where the "
            "cell lies. Give the right number (PE_DIM in the project's configurations) with --position-size."
        )
    image = ImageEncoderConfig(kind="features", shape=(channels, *cells))
    return replace(
        StackNmnConfig(vocabulary_size=words, image=image, answer_count=2),
        **{"answer_count": None} | settings,
    )


def _rename(tensors: Mapping[str, Tensor], config: StackNmnConfig) -> dict[str, Tensor]:
    """The tensors by our names: 1x1 convolutions are linear layers, the steps' layers are one."""
    embedding = tensors["q_embed.weight"]
    renamed = {"controller.encoder.embedding.weight": torch.cat([torch.zeros_like(embedding[:1]), embedding])}
    for name, tensor in tensors.items():
        theirs = next((place for place in _RENAMED if name.startswith(place)), None)
        if theirs is not None and (ours := _RENAMED[theirs]) is not None:
            new = ours + name.removeprefix(theirs)
            if new.startswith("location.") and new.count(".") == 1:
                tensor = tensor.flatten()
            renamed[new] = tensor.flatten(1) if tensor.dim() == 4 else tensor
        elif name.startswith("q_enc."):
            way = "backwards" if name.endswith("_reverse") else "forwards"
            renamed[f"controller.encoder.{way}.{name.removeprefix('q_enc.').removesuffix('_reverse')}"] = (
                tensor
            )
        elif name.startswith("controller.module_fc."):
            renamed["controller.score." + name.removeprefix("controller.module_fc.")] = tensor
    for part in ("weight", "bias"):
        layers = [tensors[f"controller.position_aware.{step}.{part}"] for step in range(config.steps)]
        renamed[f"controller.by_step.{part}"] = torch.cat(layers)
    wanted = StackNmn(config).state_dict()  # a network of one task still has both heads in the file
    return {name: tensor for name, tensor in renamed.items() if name in wanted}
