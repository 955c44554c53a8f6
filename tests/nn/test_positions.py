import numpy as np
import pytest

from visreason.nn.positions import wave_positions


@pytest.mark.parametrize("shape", [(14, 14, 128), (7, 9, 16)])
def test_waves_equal_the_references(shared, shape):
    height, width, size = shape
    expected = np.load(shared / "fixtures/snmn_modules.npz")[f"positional_{height}_{width}_{size}"]
    found = wave_positions(height, width, size).numpy().reshape(height, width, size)
    assert np.array_equal(found, expected)
