"""Taking the noise out of an image: Open Image Denoise (package `pyoidn`), on one thread.

The filter gets the colours alone. Albedo and normals of the surfaces beside them were measured: tracing them
costs more than the picture itself (they took 60 % of the time), and brings nothing to pictures of plain
colours.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visreason.errors import UsageError
from visreason.render.mitsuba.backend import load_denoiser

Light = NDArray[np.float32]


def denoise(light_HW3: Light) -> Light:
    """The image without noise, linear light of at least 0, [H, W, 3].

    Raises:
        UsageError: `pyoidn` is not installed, or does not work on this machine.

    Example:
        >>> noise = np.random.default_rng(0).uniform(0.2, 0.6, (64, 64, 3)).astype(np.float32)
        >>> bool(denoise(noise).std() < noise.std() / 3)
        True
    """
    oidn = load_denoiser()
    light_HW3 = np.ascontiguousarray(light_HW3)
    clean_HW3 = np.zeros_like(light_HW3)
    device = _device()
    with oidn.Filter(device, oidn.OIDN_FILTER_TYPE_RT) as model:
        model.set_image(oidn.OIDN_IMAGE_COLOR, light_HW3, oidn.OIDN_FORMAT_FLOAT3)
        model.set_image(oidn.OIDN_IMAGE_OUTPUT, clean_HW3, oidn.OIDN_FORMAT_FLOAT3)
        model.set_bool("hdr", True)
        model.commit()
        model.execute()
    if problem := device.get_error():
        raise UsageError(f"Open Image Denoise does not work on this machine: {problem}")
    return clean_HW3


@cache
def _device() -> Any:
    """The processor, one thread of it: images are shared among processes."""
    device = load_denoiser().Device()
    device.set_int("numThreads", 1)
    device.set_bool("setAffinity", False)
    device.commit()
    return device
