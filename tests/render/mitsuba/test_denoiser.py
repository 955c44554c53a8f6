from types import SimpleNamespace

import numpy as np
import pytest

from visreason.errors import UsageError
from visreason.render.mitsuba import denoiser
from visreason.render.mitsuba.denoiser import denoise

pytest.importorskip("pyoidn")


def test_noise_goes_and_edges_stay() -> None:
    clean_HW3 = np.full((48, 64, 3), 0.2, np.float32)
    clean_HW3[:, 32:] = (0.6, 0.4, 0.3)
    noisy_HW3 = clean_HW3 + np.random.default_rng(0).normal(0, 0.05, clean_HW3.shape).astype(np.float32)
    error = np.abs(denoise(noisy_HW3) - clean_HW3)
    assert error.mean() < 0.02
    assert error[:, 31:33].mean() < 0.04


def test_the_same_again_and_what_is_given_is_left_alone() -> None:
    noise_HW3 = np.random.default_rng(1).uniform(0, 1, (33, 35, 6)).astype(np.float32)[..., ::2]
    before = noise_HW3.copy()
    assert np.array_equal(denoise(noise_HW3), denoise(noise_HW3))
    assert np.array_equal(noise_HW3, before)


def test_a_filter_that_fails_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    device = denoiser._device()
    failing = SimpleNamespace(_device=device._device, get_error=lambda: "no memory")
    monkeypatch.setattr(denoiser, "_device", lambda: failing)
    with pytest.raises(UsageError, match="does not work on this machine: no memory"):
        denoise(np.zeros((8, 8, 3), np.float32))
