"""Layers with the starting weights of networks that reason over regions.

The published start of layers that follow a ReLU is He's; that of gates, candidates and scores is normal with a
deviation of 0.01, which at the published sizes lets 0.4 to 0.5 of the variance through. It is that share which is kept
here, so that small networks start as large ones do. Biases start at 0.
"""

from torch import nn

from visreason.nn.dense import Dense

_SMALL_SHARE = 0.45


def convolution(
    inputs: int, outputs: int, *, side: int = 3, small: bool = False, bias: bool = True
) -> nn.Conv2d:
    """A convolution that keeps the size of a map.

    Args:
        inputs: channels before.
        outputs: channels after.
        side: of the kernel.
        small: start as gates and scores do, and not as layers after a ReLU.
        bias: whether it has one.

    Example:
        >>> convolution(512, 512, small=True).weight.std().item()  # doctest: +ELLIPSIS
        0.009...
    """
    layer = nn.Conv2d(inputs, outputs, side, padding=side // 2, bias=bias)
    _start(layer, inputs * side * side, small)
    return layer


def linear(inputs: int, outputs: int, *, small: bool = False, bias: bool = True) -> nn.Linear:
    """A linear layer; arguments as of `convolution`."""
    layer = Dense(inputs, outputs, bias=bias)
    _start(layer, inputs, small)
    return layer


def _start(layer: nn.Conv2d | nn.Linear, fan_in: int, small: bool) -> None:
    nn.init.normal_(layer.weight, std=((_SMALL_SHARE if small else 2.0) / fan_in) ** 0.5)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
