"""Looking at pictures from the tests."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Look = Callable[[Path], NDArray[np.int64]]


@pytest.fixture
def look() -> Look:
    """Reads a picture as [H, W, 3]."""
    return lambda path: np.asarray(Image.open(path).convert("RGB"), np.int64)
