import numpy as np
import pytest

from visreason.benchmarks.fidelity import psnr, run
from visreason.errors import DataError


def test_psnr_of_a_known_error() -> None:
    first, second = np.zeros((4, 4, 3)), np.full((4, 4, 3), 25.5)
    assert psnr(first, second) == pytest.approx(20.0)
    assert psnr(first, first) == float("inf")
    assert psnr(np.zeros(2, dtype=np.uint8), np.ones(2, dtype=np.uint8)) == pytest.approx(48.13, abs=0.01)


def test_rows_sum_up_the_images(shared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISREASON_SHARED", str(shared))
    rows = {row.name: row.value for row in run(limit=2)}
    mean, least = rows["fidelity.mean"], rows["fidelity.least"]
    assert mean is not None
    assert least is not None
    assert 30 < least <= mean
    assert rows["fidelity.median"] == pytest.approx(mean)


def test_missing_reference_images_are_named(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISREASON_SHARED", str(tmp_path))
    with pytest.raises(DataError, match="VISREASON_SHARED"):
        run()
