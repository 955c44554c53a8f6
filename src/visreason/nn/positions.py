"""Where cells lie, as waves of many lengths.

Shape legend: P = h * w cells in row order, F numbers a cell.
"""

import torch
from torch import Tensor


def wave_positions(height: int, width: int, size: int) -> Tensor:
    """Sines and cosines of every cell's row y and column x, `[P, F]`.

    ```
    c_k = 10000^(k / (F/4 - 1)),   k = 0 ... F/4 - 1;      [sin(y/c) | cos(y/c) | sin(x/c) | cos(x/c)]
    ```

    As in Hu et al. (ECCV 2018); computed in float64 and rounded.

    Args:
        height: h.
        width: w.
        size: F, a multiple of 4.

    Example:
        >>> wave_positions(1, 2, 4)
        tensor([[0.0000, 1.0000, 0.0000, 1.0000],
                [0.0000, 1.0000, 0.8415, 0.5403]])
    """
    lengths_K = 10000 ** torch.linspace(0, 1, size // 4, dtype=torch.float64)
    y_h = torch.arange(height, dtype=torch.float64)[:, None, None] / lengths_K
    x_w = torch.arange(width, dtype=torch.float64)[None, :, None] / lengths_K
    waves = [y_h.sin(), y_h.cos(), x_w.sin(), x_w.cos()]
    return torch.cat([wave.expand(height, width, -1) for wave in waves], dim=2).flatten(0, 1).float()
