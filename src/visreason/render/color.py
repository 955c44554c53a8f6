"""Linear light to what a screen shows."""

import torch
from torch import Tensor


def srgb(linear: Tensor) -> Tensor:
    """Linear light to sRGB in 0..1 (IEC 61966-2-1).

    Example:
        >>> round(float(srgb(torch.tensor(0.5))), 4)
        0.7354
    """
    linear = linear.clamp(0, 1)
    return torch.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clamp_min(1e-4) ** (1 / 2.4) - 0.055
    )
