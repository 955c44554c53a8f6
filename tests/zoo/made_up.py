"""Checkpoints as reference projects write them, made up here and small."""

import torch
from torch import Tensor


def made_up() -> dict[str, Tensor]:
    """A network of RelationNetworks-CLEVR that sees pixels, `original-fp`, with random weights."""
    shapes = {
        **{f"conv.conv{i}.weight": (4, 3 if i == 1 else 4, 3, 3) for i in range(1, 5)},
        **{f"conv.conv{i}.bias": (4,) for i in range(1, 5)},
        **{
            f"conv.batchNorm{i}.{part}": (4,)
            for i in range(1, 5)
            for part in ("weight", "bias", "running_mean", "running_var")
        },
        "text.wembedding.weight": (4, 3),
        **{f"text.lstm.bias_{gate}_l0": (20,) for gate in ("ih", "hh")},
        "text.lstm.weight_ih_l0": (20, 3),
        "text.lstm.weight_hh_l0": (20, 5),
    }
    layers = {"g_layers.0": (6, 17), "g_layers.1": (7, 6), "f_fc1": (8, 7), "f_fc2": (9, 8), "f_fc3": (2, 9)}
    for name, (out, into) in layers.items():
        shapes |= {f"rl.{name}.weight": (out, into), f"rl.{name}.bias": (out,)}
    return {f"module.{name}": torch.rand(shape) for name, shape in shapes.items()}
