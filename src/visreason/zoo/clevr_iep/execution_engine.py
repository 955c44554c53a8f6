"""The execution engine of clevr-iep as a module network of ours."""

import re
from collections.abc import Mapping
from typing import Any

from visreason.errors import ModelError
from visreason.models.config import config_from_dict
from visreason.models.module_network import ModuleNetwork, ModuleNetworkConfig
from visreason.zoo.clevr_iep.checkpoint import Checkpoint
from visreason.zoo.torch_file import fill

_SYMBOLS = ("<NULL>", "<START>", "<END>", "<UNK>")
_POOLING = {"maxpool2": "max2", "maxpool4": "max4", "none": "none", None: "none"}


def execution_engine(checkpoint: Checkpoint) -> ModuleNetwork:
    """The checkpoint's execution engine, in evaluation mode.

    Raises:
        ModelError: settings are missing or unknown, or the weights do not fit them.
    """
    part = checkpoint.parts["execution_engine"]
    model = ModuleNetwork(_config(part.settings, checkpoint))
    tokens = (*_SYMBOLS, *checkpoint.vocabulary.functions)
    numbers = {token: number for number, token in enumerate(tokens)}
    tensors = {our_name(name, numbers): tensor for name, tensor in part.tensors.items()}
    fill(model, tensors, checkpoint.path, "a checkpoint with an execution engine that clevr-iep makes")
    return model


def our_name(name: str, numbers: Mapping[str, int]) -> str:
    """Our name of a parameter that clevr-iep calls `name`; a name that is not one stays as it is.

    >>> our_name("equal_color.res_block.conv1.bias", {"equal_color": 5})
    'by_number.5.block.conv1.bias'
    """
    function, _, rest = name.partition(".")
    if function not in numbers:
        return name
    rest = re.sub(r"^proj\.", "join.", re.sub(r"^res_block\.", "block.", rest))
    return f"by_number.{numbers[function]}.{rest}"


def _config(settings: Mapping[str, Any], checkpoint: Checkpoint) -> ModuleNetworkConfig:
    """Sizes and wiring from what the network was built with."""
    where = f"{checkpoint.path}: the execution engine"
    pooling = settings.get("classifier_downsample", "maxpool2")
    missing = {"feature_dim", "stem_num_layers", "module_dim", "classifier_fc_layers"} - set(settings)
    if missing or pooling not in _POOLING:
        wrong = f"lacks the setting {min(missing)!r}" if missing else f"has the pooling {pooling!r}"
        raise ModelError(f"{where} {wrong}. Give a checkpoint that clevr-iep wrote.")
    values = {
        "image": {"kind": "features", "shape": settings["feature_dim"]},
        "functions": checkpoint.vocabulary.functions,
        "arities": checkpoint.vocabulary.arities,
        "answer_count": len(checkpoint.vocabulary.answers),
        "dim": settings["module_dim"],
        "stem_layers": settings["stem_num_layers"],
        "stem_batch_norm": bool(settings.get("stem_batchnorm")),
        "classifier_projection": settings.get("classifier_proj_dim") or None,
        "classifier_pooling": _POOLING[pooling],
        "classifier_widths": settings["classifier_fc_layers"],
        "classifier_batch_norm": bool(settings.get("classifier_batchnorm")),
        "classifier_dropout": settings.get("classifier_dropout", 0),
        "residual": bool(settings.get("module_residual", True)),
        "batch_norm": bool(settings.get("module_batchnorm")),
        "symbol_modules": True,
    }
    return config_from_dict(ModuleNetworkConfig, values, where)
